/**
 * The page.
 *
 * @module
 */
import { ControlsBar } from "./controls_bar.js";
import { el, icon, setText } from "./dom.js";
import { saveCsv, saveJson } from "./export.js";
import { moment } from "./format.js";
import { HeatPanel } from "./heat_panel.js";
import { partsOf } from "./layout.js";
import { LinePanel } from "./line_panel.js";
import { chartsOf, times } from "./lines.js";
import { profileOf } from "./profile.js";
import { RunsPanel } from "./runs_panel.js";
import { SamplesPanel } from "./samples_panel.js";
import { connect } from "./source.js";
import { isOver } from "./state.js";
import { themeButton } from "./theme.js";
import { progressOf, Tiles } from "./tiles.js";
import { Toolbar } from "./toolbar.js";
import { itemsOf } from "./track.js";
import { newView } from "./view.js";

/** @typedef {import("../data.ts").LiveState} LiveState */
/** @typedef {import("../data.ts").Run} Run */

/** Milliseconds between two drawings, at least; more if they take long. */
const DRAW_EVERY = 150;

const MARK = "M5 6c4 0 4 12 14 12";

/** @type {LiveState | null} */
let state = null;
/** @type {import("./source.js").Connection} */
let connection = "connecting";
let isWaiting = false;
let lastCost = 0;

const view = newView();
/** The chart by noise level has an axis of its own. */
const levels = { ...newView(), x: /** @type {const} */ ("level") };
/** @type {LinePanel | undefined} */
let profile;
/** @type {Map<string, LinePanel>} */
const charts = new Map();
const noise = new HeatPanel(
  view,
  "noise",
  "Noise levels",
  [
    { name: "recoverability", label: "Recoverability R", range: null },
    { name: "loss", label: "Raw loss", range: null },
    { name: "weight", label: "Weight", range: null },
  ],
  "t",
  "Noise level t",
);
const layers = new HeatPanel(
  view,
  "layers",
  "Filter by layer",
  [
    { name: "gain", label: "Gain", range: null },
    { name: "snr", label: "Signal to noise", range: null },
  ],
  "layer",
  "Layer",
);
const samples = new SamplesPanel();
const runs = new RunsPanel(view);
const tiles = new Tiles();
const controls = new ControlsBar();
const save = (/** @type {(state: LiveState) => void} */ f) => () => state !== null && f(state);
const toolbar = new Toolbar(view, [
  el("button", { class: "button quiet", type: "button", click: save(saveCsv) }, "CSV"),
  el("button", { class: "button quiet", type: "button", click: save(saveJson) }, "JSON"),
]);

const title = el("h1", {}, "Training");
const status = el("p", { class: "status", role: "status" });
const notices = el("div", { class: "notices", role: "log", "aria-label": "Notices" });
const bar = el("div", { class: "bar" });
const progress = el(
  "div",
  { class: "progress", role: "progressbar", "aria-label": "Progress", "aria-valuemin": "0" },
  bar,
);
const waiting = el("p", { class: "waiting" }, "Waiting for the first batch…");
const grid = el("div", { class: "charts", id: "charts" });

document.body.append(
  el("a", { class: "skip", href: "#charts" }, "Skip to the charts"),
  el(
    "header",
    { class: "top" },
    el(
      "div",
      { class: "inside" },
      el("span", { class: "mark" }, icon(MARK)),
      el("div", { class: "names" }, title, status),
      controls.element,
      themeButton(repaint),
    ),
    progress,
  ),
  el(
    "main",
    {},
    notices,
    waiting,
    tiles.element,
    toolbar.element,
    grid,
    runs.element,
    el(
      "p",
      { class: "unseen", id: "chart-keys" },
      "Left and right arrow keys move along the chart, plus and minus zoom, Escape shows all.",
    ),
    el("p", { class: "unseen", id: "heat-keys" }, "Arrow keys move through the heat map."),
  ),
);
view.listeners.push(draw);
addEventListener("resize", () => state !== null && draw());
levels.listeners.push(() => profile?.repaint());
connect((newState, newConnection) => {
  state = newState;
  connection = newConnection;
  if (isWaiting) return;
  isWaiting = true;
  setTimeout(() => {
    isWaiting = false;
    const began = performance.now();
    draw();
    lastCost = performance.now() - began;
  }, connection === "report" ? 0 : Math.max(DRAW_EVERY, 3 * lastCost));
});

function draw() {
  const all = state?.runs ?? [];
  const present = all.findLast((run) => run.status !== "earlier") ?? all.at(-1);
  drawHead(present);
  const isEmpty = present === undefined || !all.some(({ step }) => step > 0);
  waiting.hidden = !isEmpty;
  tiles.element.hidden = toolbar.element.hidden = runs.element.hidden = isEmpty;
  if (isEmpty || state === null) return;
  tiles.update(present);
  runs.update(all);
  const shown = chartsOf(all, view);
  view.extent = extentOf(shown, view);
  for (const [id, chart] of charts) {
    if (!shown.some((each) => each.id === id)) {
      chart.element.remove();
      charts.delete(id);
    }
  }
  const panels = shown.map((chart) => {
    if (!charts.has(chart.id)) charts.set(chart.id, new LinePanel(chart, view));
    return charts.get(chart.id);
  });
  const elements = panels.map((panel) => panel?.element ?? grid);
  const isOwn = shown.map(({ id }) => id.startsWith("~"));
  const first = shown[0]?.id === "loss" ? 1 : 0, own = isOwn.indexOf(true);
  const end = own < 0 ? elements.length : own;
  const { pictures, measured } = special(all);
  arrange([
    ...elements.slice(0, first),
    ...pictures,
    ...measured,
    ...elements.slice(first, end),
    ...elements.slice(end),
  ]);
  shown.forEach((chart, i) => panels[i]?.update(chart));
  toolbar.update();
}

/**
 * From the beginning to the last step, or time, of any chart: all show the same.
 * @param {readonly import("./lines.js").Chart[]} shown
 * @param {import("./view.js").View} view
 * @returns {[number, number]}
 */
function extentOf(shown, { x }) {
  const last = Math.max(0, ...shown.flatMap(({ lines }) => lines.map(({ x }) => x.at(-1) ?? 0)));
  return [0, last > 0 ? last : x === "time" ? 0.001 : 1];
}

/**
 * Columns of a heat map with their places on the axis.
 * @template {{ step: number }} Column
 * @param {Run} run
 * @param {Column[]} columns
 * @returns {(Column & { x: number })[]}
 */
function placed(run, columns) {
  const steps = columns.map(({ step }) => step);
  const clock = run.series.find(({ name }) => name === "~elapsed");
  const places = view.x === "time" && clock !== undefined ? times(steps, clock) : steps;
  return columns.map((column, i) => ({ ...column, x: places[i] ?? column.step }));
}

/**
 * The panels for what not every run has, renewed: of the last run that has it.
 * @param {readonly Run[]} all
 * @returns {{ pictures: HTMLElement[], measured: HTMLElement[] }}
 */
function special(all) {
  const shown = all.filter(({ id }) => !view.hidden.has(id));
  const pictures = [], measured = [];
  const withNoise = shown.findLast((run) => run.noise.seen > 0);
  if (withNoise !== undefined) {
    const columns = itemsOf(withNoise.noise), last = columns.at(-1);
    measured.push(noise.element);
    noise.update(
      placed(withNoise, columns).map(({ step, x, t, ...values }) => ({
        step,
        x,
        levels: t,
        rows: t.map((time) => time.toFixed(2)),
        values,
      })),
      withNoise.name,
    );
    if (last !== undefined) {
      const chart = profileOf(withNoise, last);
      profile ??= new LinePanel(chart, levels);
      measured.push(profile.element);
      profile.update(chart);
    }
  }
  const withLayers = shown.findLast((run) => run.layers.seen > 0);
  if (withLayers !== undefined) {
    measured.push(layers.element);
    const columns = itemsOf(withLayers.layers);
    layers.update(
      placed(withLayers, columns).map(({ step, x, names, ...values }) => ({
        step,
        x,
        rows: names,
        values,
      })),
      withLayers.name,
    );
  }
  const withPictures = shown.findLast((run) => run.grids.seen > 0);
  if (withPictures !== undefined) {
    pictures.push(samples.element);
    samples.update(itemsOf(withPictures.grids), withPictures.name);
  }
  return { pictures, measured };
}

/**
 * Puts elements into the grid in this order, leaving those alone that stand right: moving one would
 * take the focus from it.
 * @param {readonly HTMLElement[]} elements
 */
function arrange(elements) {
  for (const child of [...grid.children]) {
    if (!elements.some((element) => element === child)) child.remove();
  }
  const names = elements.map(({ dataset }) => dataset.panel ?? "");
  partsOf(names, innerWidth).forEach(([name, parts], i) => {
    const element = elements[names.indexOf(name)] ?? grid;
    element.style.gridColumn = `span ${parts}`;
    if (grid.children[i] !== element) grid.insertBefore(element, grid.children[i] ?? null);
  });
}

/** @param {Run | undefined} run */
function drawHead(run) {
  const name = state?.title ?? "Training";
  setText(title, name);
  document.title = run === undefined ? name : `${run.status} · ${name}`;
  const words = {
    report: `report${run === undefined ? "" : ` of ${moment(run.started)}`}`,
    connecting: "connecting",
    live: "live",
    lost: "the process has ended or cannot be reached; all until then is shown",
  };
  const isEnded = run !== undefined && isOver(run.status);
  const where = connection === "lost" && isEnded ? "the process has ended" : words[connection];
  setText(status, run === undefined ? where : `${run.name}: ${run.status} · ${where}`);
  status.dataset.status = connection === "lost" && !isEnded ? "lost" : run?.status ?? "";
  controls.update(run?.status ?? "finished", state?.canSave ?? false, connection === "live");
  const { part } = run === undefined ? { part: null } : progressOf(run);
  const percent = Math.round(100 * (part ?? 0));
  progress.setAttribute("aria-valuenow", String(percent));
  bar.style.width = `${percent}%`;
  progress.hidden = part === null || isEnded;
  const texts = (state?.runs ?? []).flatMap((each) =>
    each.notices.map(({ text }) => `${each.name}: ${text}`)
  );
  texts.forEach((text, i) => {
    if (notices.children[i]?.textContent === text) return;
    const notice = el("p", { class: "notice" }, text);
    if (notices.children[i] === undefined) notices.append(notice);
    else notices.children[i].replaceWith(notice);
  });
  while (notices.children.length > texts.length) notices.lastChild?.remove();
}

function repaint() {
  for (const panel of [...charts.values(), profile, noise, layers]) panel?.repaint();
}
