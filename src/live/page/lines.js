/**
 * From series to what a chart draws: which lines belong into which chart, smoothed, over steps or
 * time.
 *
 * @module
 */
import { pointsOf } from "./series.js";

/** @typedef {import("../data.ts").Series} Series */
/** @typedef {import("../data.ts").Run} Run */
/** @typedef {import("./view.js").View} View */

/**
 * A line of a chart.
 * @typedef {object} Line
 * @property {Run} run
 * @property {number} color Which of the runs' colours.
 * @property {string} ink Name of its colour.
 * @property {string} label
 * @property {"batch" | "epoch" | "average"} kind
 * @property {number[]} x
 * @property {(number | null)[]} y
 * @property {(number | null)[]} low
 * @property {(number | null)[]} high
 * @property {(number | null)[]} smooth
 * @property {number} stride
 */

/**
 * A chart to be drawn.
 * @typedef {object} Chart
 * @property {string} id
 * @property {string} title
 * @property {string | undefined} [label] What its vertical axis is, if not the title.
 * @property {string} unit How its values are written: "number", "percent", "bytes" or "rate".
 * @property {Line[]} lines
 */

/** Number of colours for runs. */
export const COLORS = 8;

const TITLES = new Map([
  ["loss", "Loss"],
  ["rawLoss", "Raw loss"],
  ["acc", "Accuracy"],
  ["accuracy", "Accuracy"],
  ["~lr", "Learning rate"],
  ["~rate", "Speed"],
  ["~bytes", "Memory"],
  ["~tensors", "Tensors"],
]);
/** Charts in the order in which they stand; others come between the metrics and these. */
const FIRST = ["loss", "rawLoss", "acc"];
const LAST = ["~lr", "~rate", "~bytes", "~tensors"];
const UNITS = new Map([
  ["acc", "percent"],
  ["accuracy", "percent"],
  ["~bytes", "bytes"],
  ["~rate", "rate"],
]);
const OWN_LABELS = new Map([["~heap", "heap"], ["~bytes", "tensors"]]);

/**
 * The chart that a series belongs into.
 * @param {string} name
 */
function chartOf(name) {
  if (name === "~heap") return "~bytes";
  const bare = name.startsWith("~") ? name : name.replace(/^ema_/, "").replace(/^val_/, "");
  return bare === "accuracy" ? "acc" : bare;
}

/**
 * The charts for the runs that are shown.
 * @param {readonly Run[]} runs all of them: a run keeps its colour when others are hidden
 * @param {View} view
 * @returns {Chart[]}
 */
export function chartsOf(runs, view) {
  /** @type {Map<string, Chart>} */
  const charts = new Map();
  runs.forEach((run, index) => {
    const clock = run.series.find(({ name }) => name === "~elapsed");
    for (const series of run.series) {
      if (series.name === "~elapsed") continue;
      const id = chartOf(series.name);
      if (!charts.has(id)) {
        charts.set(id, {
          id,
          title: TITLES.get(id) ?? id,
          label: id === "~rate" ? "Samples a second" : undefined,
          unit: UNITS.get(id) ?? "number",
          lines: [],
        });
      }
      if (view.hidden.has(run.id)) continue;
      charts.get(id)?.lines.push(lineOf(run, index % COLORS, series, clock, view));
    }
  });
  // What comes once an epoch is drawn over what comes with every batch.
  for (const { lines } of charts.values()) {
    lines.sort((a, b) => Number(a.kind !== "batch") - Number(b.kind !== "batch"));
  }
  return [...charts.values()].sort((a, b) => rank(a.id) - rank(b.id));
}

/** @param {string} id */
function rank(id) {
  const [first, last] = [FIRST.indexOf(id), LAST.indexOf(id)];
  return first >= 0 ? first : last >= 0 ? 100 + last : 50;
}

/**
 * @param {Run} run
 * @param {number} color
 * @param {Series} series
 * @param {Series | undefined} clock
 * @param {View} view
 * @returns {Line}
 */
function lineOf(run, color, series, clock, view) {
  const { x, y, low, high } = pointsOf(series);
  const { name } = series;
  const kind = /^ema_/.test(name) || name === "~heap"
    ? "average"
    : /^val_/.test(name)
    ? "epoch"
    : "batch";
  const own = OWN_LABELS.get(name);
  const what = own ??
    (/^ema_/.test(name) ? "validation, averaged weights" : kind === "epoch" ? "validation" : "");
  return {
    run,
    color,
    // Validation is told apart from training by its colour, too.
    ink: `${/^(ema|val)_/.test(name) ? "val" : "run"}-${color}`,
    label: what === "" ? run.name : `${run.name}, ${what}`,
    kind,
    x: view.x === "time" && clock !== undefined ? times(x, clock) : x,
    y,
    low,
    high,
    smooth: kind !== "batch" || name.startsWith("~") && name !== "~rate"
      ? y
      : smoothed(y, view.smoothing),
    stride: series.stride,
  };
}

/**
 * Running mean with exponential weights, without a bias towards the first value.
 * @param {readonly (number | null)[]} y
 * @param {number} keep
 * @returns {(number | null)[]}
 */
export function smoothed(y, keep) {
  if (keep <= 0) return [...y];
  let sum = 0, weight = 0;
  return y.map((value) => {
    if (value === null) return null;
    sum = keep * sum + (1 - keep) * value;
    weight = keep * weight + 1 - keep;
    return sum / weight;
  });
}

/**
 * Seconds of training at steps, strictly increasing.
 * @param {readonly number[]} steps
 * @param {Series} clock
 */
export function times(steps, clock) {
  const { x, y } = pointsOf(clock);
  let at = 0, last = -1;
  return steps.map((step) => {
    while (at < x.length && (x[at] ?? 0) < step) at++;
    const [x0, y0] = at === 0 ? [0, 0] : [x[at - 1] ?? 0, y[at - 1] ?? 0];
    const [x1, y1] = at < x.length ? [x[at] ?? 0, y[at] ?? 0] : [x0, y0];
    const time = x1 > x0 ? y0 + (y1 - y0) * (step - x0) / (x1 - x0) : y1;
    return last = Math.max(time, last + 1e-6);
  });
}
