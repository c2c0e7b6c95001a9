/**
 * A chart of lines over the training.
 *
 * @module
 */
import { el, setText, swatch } from "./dom.js";
import { bytes, duration, number, percent, tick, whole } from "./format.js";
import { newPanel, table, toggle } from "./panel.js";
import { picture } from "./picture.js";
import { lineOptions } from "./line_options.js";
import { changeView, shownRange, zoom } from "./view.js";

/** @typedef {import("./lines.js").Chart} Chart */
/** @typedef {import("./lines.js").Line} Line */
/** @typedef {import("./view.js").View} View */

/** @type {typeof import("uplot")} */
const UPlot = Reflect.get(globalThis, "uPlot");

const MOST_ROWS = 60;

/** @param {number | null} value */
const rate = (value) => value !== null && value >= 100 ? whole(value) : number(value);

/** How values are written, by unit. */
const WRITE = { number, percent, bytes, rate };
/** @type {Record<Line["kind"], "solid" | "dashed" | "dotted">} */
const DASHES = { batch: "solid", epoch: "dashed", average: "dotted" };

/** A chart of lines, renewed when there is more to show. */
export class LinePanel {
  /** @type {InstanceType<typeof UPlot> | undefined} */
  #plot;
  /** What the lines are: when that changes, the chart is made anew. */
  #key = "";
  /** @type {Chart} */
  #chart;
  /** @type {View} */
  #view;
  #isLog = false;
  #panel;
  /** @type {HTMLElement[]} */
  #values = [];
  #observer;

  /**
   * @param {Chart} chart
   * @param {View} view
   */
  constructor(chart, view) {
    this.#chart = chart;
    this.#view = view;
    this.#panel = newPanel(chart.id, chart.title, {
      table: () => this.#table(),
      picture: () => this.#picture(),
    });
    this.#panel.body.classList.add(chart.id.startsWith("~") ? "low" : "high");
    this.#panel.tools.prepend(
      toggle("Log", `Log scale: ${chart.title}`, (isLog) => {
        this.#isLog = isLog;
        this.#key = "";
        this.update(this.#chart);
      }),
    );
    const { body } = this.#panel;
    body.tabIndex = 0;
    body.setAttribute("role", "group");
    body.setAttribute("aria-describedby", "chart-keys");
    body.addEventListener("keydown", (event) => this.#onKey(event));
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(body);
  }

  get element() {
    return this.#panel.element;
  }

  /** @param {Chart} chart */
  update(chart) {
    this.#chart = chart;
    const key = JSON.stringify([
      chart.lines.map(({ run, label, color, stride }) => [run.id, label, color, stride > 1]),
      this.#view.x,
      this.#isLog,
    ]);
    const data = this.#data();
    if (key !== this.#key || this.#plot === undefined) {
      this.#key = key;
      this.#plot?.destroy();
      this.#plot = new UPlot(this.#options(), data, this.#panel.body);
      this.#fillLegend();
    } else this.#plot.setData(data);
    this.#tell();
    this.#panel.renewTable();
    this.#describe();
  }

  /** Colours have changed. */
  repaint() {
    this.#key = "";
    this.update(this.#chart);
  }

  /** @returns {import("uplot").AlignedData} */
  #data() {
    const positive = (/** @type {(number | null)[]} */ list) =>
      this.#isLog ? list.map((value) => value !== null && value > 0 ? value : null) : list;
    const tables = this.#chart.lines.map((
      { x, y, smooth, low, high },
    ) => /** @type {import("uplot").AlignedData} */ ([
      x,
      positive(low),
      positive(high),
      positive(y),
      positive(smooth),
    ]));
    return tables.length === 0 ? [[]] : UPlot.join(tables);
  }

  #options() {
    return lineOptions({
      lines: this.#chart.lines,
      isLog: this.#isLog,
      x: this.#view.x,
      label: this.#chart.label ?? this.#chart.title,
      ...this.#size(),
      tick: this.#chart.unit === "bytes"
        ? bytes
        : this.#chart.unit === "percent"
        ? (value) => `${tick(100 * (value ?? 0))} %`
        : tick,
      range: () => shownRange(this.#view),
      onCursor: () => this.#tell(),
      onSelect: (range) => changeView(this.#view, { range }),
    });
  }

  #size() {
    const { clientWidth, clientHeight } = this.#panel.body;
    return { width: Math.max(120, clientWidth), height: Math.max(120, clientHeight) };
  }

  #resize() {
    const { width, height } = this.#size(), plot = this.#plot;
    if (plot === undefined || this.#panel.body.clientWidth === 0) return;
    if (plot.width !== width || plot.height !== height) plot.setSize({ width, height });
  }

  #fillLegend() {
    this.#values = this.#chart.lines.map(() => el("output", { "aria-live": "off" }));
    const entries = this.#chart.lines.map(({ ink, kind, label }, i) =>
      el(
        "span",
        { class: "entry" },
        swatch(ink, DASHES[kind]),
        `${label} `,
        this.#values[i] ?? null,
      )
    );
    this.#panel.legend.replaceChildren(...entries);
  }

  /** Writes the values under the cursor, or the last ones. */
  #tell() {
    const plot = this.#plot;
    if (plot === undefined) return;
    const idx = plot.cursor.idx;
    this.#chart.lines.forEach((_, i) => {
      const place = this.#valueAt(i, idx);
      setText(this.#values[i] ?? this.#panel.legend, this.#write(place));
    });
    const x = idx === null || idx === undefined ? undefined : plot.data[0][idx];
    setText(this.#panel.where, x === undefined ? "" : this.#writeX(x));
  }

  /**
   * The smoothed value of a line at an index of the data, or its last one.
   * @param {number} line
   * @param {number | null | undefined} idx
   * @returns {number | null}
   */
  #valueAt(line, idx) {
    const plot = this.#plot;
    const values = plot?.data[4 * line + 4];
    if (values === undefined) return null;
    const from = idx ?? values.length - 1;
    for (let i = from; i >= 0; i--) {
      const value = values[i];
      if (value !== null && value !== undefined) return value;
    }
    return null;
  }

  /** @param {number | null} value */
  #write(value) {
    return WRITE[/** @type {keyof typeof WRITE} */ (this.#chart.unit)](value);
  }

  /** @param {number} x */
  #writeX(x) {
    if (this.#view.x === "level") return `t ${x.toFixed(2)}`;
    return this.#view.x === "time" ? duration(x) : `step ${whole(x)}`;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const plot = this.#plot;
    if (plot === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const xs = plot.data[0], scale = plot.scales.x;
    const first = xs.findIndex((x) => x >= (scale?.min ?? -Infinity));
    const last = xs.findLastIndex((x) => x <= (scale?.max ?? Infinity));
    const at = plot.cursor.idx ?? last, stride = event.shiftKey ? 10 : 1;
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: at - stride, ArrowRight: at + stride, Home: first, End: last };
    const to = moves[event.key];
    if (to !== undefined) {
      const idx = Math.min(last, Math.max(first, to));
      const left = plot.valToPos(xs[idx] ?? 0, "x");
      plot.setCursor({ left, top: plot.bbox.height / devicePixelRatio / 2 });
      this.#readOut(idx);
    } else if (event.key === "+" || event.key === "=") {
      zoom(this.#view, 0.5, xs[at]);
    } else if (event.key === "-") zoom(this.#view, 2, xs[at]);
    else if (event.key === "Escape" || event.key === "0") changeView(this.#view, { range: null });
    else return;
    event.preventDefault();
  }

  /** @param {number} idx */
  #readOut(idx) {
    const values = this.#chart.lines.map(({ label }, i) =>
      `${label} ${this.#write(this.#valueAt(i, idx))}`
    );
    const x = this.#plot?.data[0][idx] ?? 0;
    setText(this.#panel.readout, `${this.#writeX(x)}: ${values.join(", ")}`);
  }

  /** Tells in words what the chart shows. */
  #describe() {
    const parts = this.#chart.lines.map(({ label, smooth }) =>
      `${label}: from ${this.#write(smooth[0] ?? null)} to ${this.#write(smooth.at(-1) ?? null)}`
    );
    this.#panel.body.setAttribute("aria-label", `${this.#chart.title}. ${parts.join("; ")}`);
  }

  #table() {
    const data = this.#data(), [xs] = data, { lines } = this.#chart;
    const rows = Math.min(MOST_ROWS, xs.length);
    const indices = Array.from(
      { length: rows },
      (_, i) => rows === 1 ? 0 : Math.round(i * (xs.length - 1) / (rows - 1)),
    );
    return table(
      `${this.#chart.title}, smoothed as in the chart; ${rows} of ${whole(xs.length)} points`,
      [
        { time: "Time", step: "Step", level: "t" }[this.#view.x],
        ...lines.map(({ label }) => label),
      ],
      indices.map((i) => [
        this.#writeX(xs[i] ?? 0).replace(/^\w+ /, ""),
        ...lines.map((_, line) => this.#write(this.#valueAt(line, i))),
      ]),
    );
  }

  #picture() {
    const { lines, title } = this.#chart;
    const canvas = this.#plot?.ctx.canvas;
    if (canvas === undefined) return null;
    const entries = lines.map(({ label, ink, kind }) => ({
      label,
      color: `--${ink}`,
      dash: DASHES[kind],
    }));
    return picture(title, entries, canvas);
  }
}
