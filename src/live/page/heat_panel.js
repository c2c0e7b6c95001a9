/**
 * A heat map over the training: a row for each noise level or layer, a column for each time it was
 * measured.
 *
 * @module
 */
import { linearTicks, timeTicks } from "../../charts/ticks.js";
import { el, setText } from "./dom.js";
import { duration, number, tick, whole } from "./format.js";
import { newPanel, table } from "./panel.js";
import { FAMILY, picture } from "./picture.js";
import { color } from "./theme.js";
import { shownRange } from "./view.js";

/**
 * What a heat map shows.
 * @typedef {object} Measure
 * @property {string} name
 * @property {string} label
 * @property {[number, number] | null} range Of the colours; null for what there is.
 */

/**
 * @typedef {object} Column
 * @property {number} step
 * @property {number} x Where it ends on the axis, a step or a time.
 * @property {string[]} rows Names of the rows.
 * @property {number[]} [levels] What the rows stand for, where they are numbers that rise evenly.
 * @property {Record<string, (number | null)[]>} values By the measures' names.
 */

/** @typedef {import("./view.js").View} View */

/** Room for what is written, in pixels; that for the rows' names is as they need, up to a bound. */
const ROOM = { right: 28, top: 10, bottom: 46, title: 20 };
const MOST_LEFT = 150;
const STEPS = 64;

/** A heat map with a choice of measures. */
export class HeatPanel {
  #panel;
  #measures;
  #measure;
  /** @type {Column[]} */
  #columns = [];
  #canvas = el("canvas", { "aria-hidden": "true" });
  #scale = el("canvas", {
    class: "scale",
    width: String(STEPS),
    height: "1",
    "aria-hidden": "true",
  });
  #left = 0;
  #run = el("span");
  #low = el("span");
  #high = el("span");
  #height = 0;
  /** @type {{ column: number, row: number } | null} */
  #cursor = null;
  #title;
  #rowName;
  #axis;
  #view;

  /**
   * @param {View} view
   * @param {string} id
   * @param {string} title
   * @param {readonly [Measure, ...Measure[]]} measures
   * @param {string} rowName what a row is, such as "t"
   * @param {string} axis the same as a title of the axis
   */
  constructor(view, id, title, measures, rowName, axis) {
    this.#view = view;
    this.#axis = axis;
    this.#title = title;
    this.#rowName = rowName;
    this.#measures = measures;
    this.#measure = measures[0];
    this.#panel = newPanel(id, title, {
      table: () => this.#table(),
      picture: () => picture(`${title}: ${this.#measure.label}`, [], this.#canvas),
    });
    const choice = el(
      "select",
      {
        "aria-label": `${title}: what is shown`,
        change: () => {
          this.#measure = measures.find(({ name }) => name === choice.value) ?? measures[0];
          this.#draw();
        },
      },
      ...measures.map(({ name, label }) => el("option", { value: name }, label)),
    );
    this.#panel.tools.prepend(choice);
    this.#panel.legend.append(this.#run, this.#low, this.#scale, this.#high);
    const { body } = this.#panel;
    body.append(this.#canvas);
    body.classList.add("high");
    body.tabIndex = 0;
    body.setAttribute("role", "group");
    body.setAttribute("aria-describedby", "heat-keys");
    body.addEventListener("keydown", (event) => this.#onKey(event));
    this.#canvas.addEventListener("pointermove", (event) => this.#onPoint(event));
    this.#canvas.addEventListener("pointerleave", () => this.#point(null));
    new ResizeObserver(() => this.#draw()).observe(body);
  }

  get element() {
    return this.#panel.element;
  }

  /**
   * @param {Column[]} columns
   * @param {string} run name of the run that they are of
   */
  update(columns, run) {
    setText(this.#run, run);
    this.#columns = columns;
    this.#draw();
    this.#panel.renewTable();
    const last = columns.at(-1);
    this.#panel.body.setAttribute(
      "aria-label",
      `${this.#title}: heat map, ${last?.rows.length ?? 0} rows, ` +
        `${columns.length} measurements up to step ${whole(last?.step)}`,
    );
  }

  /** Colours have changed. */
  repaint() {
    this.#draw();
  }

  /** @returns {[number, number]} */
  #range() {
    if (this.#measure.range !== null) return this.#measure.range;
    const values = this.#columns.flatMap((column) => column.values[this.#measure.name] ?? [])
      .filter((value) => value !== null).sort((a, b) => a - b);
    const high = values[Math.floor(0.98 * (values.length - 1))] ?? 1;
    const low = Math.min(0, values[0] ?? 0);
    return [low, high > low ? high : low + 1];
  }

  /** Where the columns begin and the last one ends, in pixels of the page. */
  #edges() {
    return [0, ...this.#columns.map(({ x }) => x)].map((x) => this.#place(x));
  }

  /** Where a step or time is, as in the charts of lines. @param {number} x */
  #place(x) {
    const [from, to] = shownRange(this.#view), { left, right } = this.#sides();
    return left + (right - left) * (x - from) / (to - from);
  }

  /** The left and right end of the map, in pixels of the page. */
  #sides() {
    return { left: this.#left, right: this.#canvas.clientWidth - ROOM.right };
  }

  #draw() {
    const { clientWidth, clientHeight } = this.#panel.body;
    if (clientWidth === 0) return;
    this.#height = clientHeight;
    const scale = devicePixelRatio, canvas = this.#canvas;
    canvas.width = Math.round(clientWidth * scale);
    canvas.height = Math.round(this.#height * scale);
    const pen = canvas.getContext("2d"), ramp = newRamp();
    if (pen === null) return;
    pen.scale(scale, scale);
    pen.font = `12px ${FAMILY}`;
    const names = this.#marks(1).map(({ name }) => name);
    const widest = Math.max(0, ...names.map((name) => pen.measureText(name).width));
    this.#left = Math.min(MOST_LEFT, Math.ceil(widest) + 16) + ROOM.title;
    const [low, high] = this.#range();
    const edges = this.#edges(), height = this.#height - ROOM.top - ROOM.bottom;
    const { left, right } = this.#sides();
    pen.save();
    pen.beginPath();
    pen.rect(left, ROOM.top - 1, right - left, height + 2);
    pen.clip();
    this.#columns.forEach(({ values, rows }, i) => {
      const [from = 0, to = 0] = [edges[i], edges[i + 1]], count = rows.length;
      (values[this.#measure.name] ?? []).forEach((value, row) => {
        if (value === null) return;
        const part = Math.min(1, Math.max(0, (value - low) / (high - low)));
        pen.fillStyle = ramp[Math.round(part * (STEPS - 1))] ?? "";
        const y = ROOM.top + height * (count - 1 - row) / count;
        pen.fillRect(from, y, to - from + 0.5, height / count + 0.5);
      });
    });
    this.#drawCursor(pen, edges, height);
    pen.restore();
    this.#drawAxes(pen, height);
    const small = this.#scale.getContext("2d");
    ramp.forEach((ink, i) => {
      if (small === null) return;
      small.fillStyle = ink;
      small.fillRect(i, 0, 1, 1);
    });
    setText(this.#low, tick(low));
    setText(this.#high, tick(high));
  }

  /**
   * What stands beside the rows, and where, from 0 below to 1 above.
   * @param {number} height in pixels
   */
  #marks(height) {
    const { rows = [], levels } = this.#columns.at(-1) ?? {}, count = rows.length;
    if (levels !== undefined && count > 1) {
      const [first = 0] = levels, gap = ((levels.at(-1) ?? 1) - first) / (count - 1);
      const [low, high] = [first - gap / 2, first + gap * (count - 0.5)];
      return linearTicks(low, high, 5).map((tick) => ({
        name: String(tick),
        at: (tick - low) / (high - low),
      }));
    }
    const every = Math.max(1, Math.ceil(16 * count / height));
    return rows.map((name, row) => ({ name: shortened(name), at: (row + 0.5) / count }))
      .filter((_, row) => height === 1 || row % every === 0);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} height
   */
  #drawAxes(pen, height) {
    const { left, right } = this.#sides(), bottom = ROOM.top + height;
    pen.fillStyle = color("--muted");
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    for (const { name, at } of this.#marks(height)) {
      pen.fillText(name, left - 8, ROOM.top + height * (1 - at));
    }
    pen.textBaseline = "alphabetic";
    pen.textAlign = "center";
    const [from, to] = shownRange(this.#view), isTime = this.#view.x === "time";
    const count = Math.max(2, Math.floor((right - left) / 72));
    const ticks = isTime
      ? timeTicks(from, to, count)
      : linearTicks(from, to, count).filter(Number.isInteger);
    for (const x of ticks) {
      pen.fillText(isTime ? duration(x) : tick(x), this.#place(x), bottom + 20);
    }
    pen.fillText(isTime ? "Time of training" : "Step", (left + right) / 2, bottom + 40);
    pen.save();
    pen.translate(12, ROOM.top + height / 2);
    pen.rotate(-Math.PI / 2);
    pen.fillText(this.#axis, 0, 0);
    pen.restore();
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number[]} edges
   * @param {number} height
   */
  #drawCursor(pen, edges, height) {
    const cursor = this.#cursor, column = this.#columns[cursor?.column ?? -1];
    if (cursor === null || column === undefined) {
      setText(this.#panel.where, "");
      return;
    }
    const count = column.rows.length, row = Math.min(count - 1, cursor.row);
    const [from = 0, to = 0] = [edges[cursor.column], edges[cursor.column + 1]];
    pen.strokeStyle = color("--ink");
    pen.lineWidth = 1.5;
    pen.strokeRect(
      from,
      ROOM.top + height * (count - 1 - row) / count,
      Math.max(3, to - from),
      height / count,
    );
    const value = column.values[this.#measure.name]?.[row];
    setText(
      this.#panel.where,
      `step ${whole(column.step)}, ${this.#rowName} ${column.rows[row]}: ${number(value)}`,
    );
  }

  /** @param {{ column: number, row: number } | null} cursor */
  #point(cursor) {
    this.#cursor = cursor;
    this.#draw();
  }

  /** @param {PointerEvent} event */
  #onPoint({ offsetX, offsetY }) {
    const edges = this.#edges(), count = this.#columns.at(-1)?.rows.length ?? 0;
    const column = edges.findIndex((edge, i) => i > 0 && offsetX <= edge) - 1;
    const part = (offsetY - ROOM.top) / (this.#height - ROOM.top - ROOM.bottom);
    const { left, right } = this.#sides();
    const isInside = column >= 0 && offsetX >= left && offsetX <= right && part >= 0 && part < 1;
    this.#point(isInside ? { column, row: count - 1 - Math.floor(part * count) } : null);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const move = moves[event.key], last = this.#columns.length - 1;
    if (move === undefined || last < 0) return;
    event.preventDefault();
    const rows = this.#columns[last]?.rows.length ?? 1;
    const { column, row } = this.#cursor ?? { column: last, row: Math.floor(rows / 2) };
    this.#point({
      column: Math.min(last, Math.max(0, column + move[0])),
      row: Math.min(rows - 1, Math.max(0, row + move[1])),
    });
    setText(this.#panel.readout, this.#panel.where.textContent ?? "");
  }

  #table() {
    const { step = 0, rows = [], values } = this.#columns.at(-1) ?? {};
    return table(
      `${this.#title} at step ${whole(step)}`,
      [this.#rowName, ...this.#measures.map(({ label }) => label)],
      rows.map((name, row) => [
        name,
        ...this.#measures.map((measure) => number(values?.[measure.name]?.[row])),
      ]),
    );
  }
}

/** The colours from least to greatest. */
function newRamp() {
  const stops = [0, 1, 2, 3, 4].map((i) => channels(color(`--heat-${i}`)));
  return Array.from({ length: STEPS }, (_, i) => {
    const place = 4 * i / (STEPS - 1), from = Math.min(3, Math.floor(place)), part = place - from;
    const mixed = [0, 1, 2].map((c) =>
      Math.round((1 - part) * (stops[from]?.[c] ?? 0) + part * (stops[from + 1]?.[c] ?? 0))
    );
    return `rgb(${mixed.join(" ")})`;
  });
}

/** @param {string} rgb such as "rgb(31, 95, 214)" */
function channels(rgb) {
  return rgb.match(/\d+/g)?.map(Number) ?? [];
}

/** @param {string} name */
function shortened(name) {
  return name.length > 20 ? `…${name.slice(-19)}` : name;
}
