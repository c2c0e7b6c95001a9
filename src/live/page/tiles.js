/**
 * The numbers of the present run, large.
 *
 * @module
 */
import { el, setText } from "./dom.js";
import { bytes, duration, number, percent, whole } from "./format.js";
import { smoothed } from "./lines.js";
import { lastOf } from "./series.js";
import { isOver } from "./state.js";

/** @typedef {import("../data.ts").Run} Run */

/** What the running mean of the loss keeps. */
const KEEP = 0.9;
/** The points that it looks back on. */
const WINDOW = 100;

/** @param {number | null} rate */
const speed = (rate) => rate !== null && rate >= 100 ? whole(rate) : number(rate);

/** A row of tiles. */
export class Tiles {
  element = el("dl", { class: "tiles", "aria-label": "The present run in numbers" });
  /** @type {Map<string, { value: HTMLElement, more: HTMLElement }>} */
  #tiles = new Map();

  /** @param {Run} run */
  update(run) {
    const entries = entriesOf(run), names = entries.map(([name]) => name).join();
    if (names !== [...this.#tiles.keys()].join()) {
      this.#tiles.clear();
      this.element.replaceChildren();
    }
    for (const [name, value, more] of entries) {
      const tile = this.#tiles.get(name) ?? this.#add(name);
      setText(tile.value, value);
      setText(tile.more, more);
    }
  }

  /** @param {string} name */
  #add(name) {
    const tile = { value: el("span", { class: "value" }), more: el("span", { class: "more" }) };
    this.#tiles.set(name, tile);
    this.element.append(
      el("div", { class: "tile card" }, el("dt", {}, name), el("dd", {}, tile.value, tile.more)),
    );
    return tile;
  }
}

/**
 * @param {Run} run
 * @returns {[name: string, value: string, more: string][]}
 */
function entriesOf(run) {
  const series = (/** @type {string} */ name) => run.series.find((each) => each.name === name);
  const last = (/** @type {string} */ name) => lastOf(series(name));
  const recent = (/** @type {string} */ name) =>
    smoothed(series(name)?.y.slice(-WINDOW) ?? [], KEEP).at(-1) ?? null;
  const validation = (/** @type {string} */ text) => text === "" ? "" : `validation ${text}`;
  /** @type {[string, string, string][]} */
  const entries = [];
  for (const [name, title] of [["loss", "Loss"], ["rawLoss", "Raw loss"]]) {
    if (name === undefined || series(name) === undefined) continue;
    const val = series(`val_${name}`) === undefined ? "" : number(last(`val_${name}`));
    entries.push([title ?? name, number(recent(name)), validation(val)]);
  }
  const accuracy = series("acc") === undefined ? "accuracy" : "acc";
  if (series(accuracy) !== undefined) {
    const val = series(`val_${accuracy}`) === undefined ? "" : percent(last(`val_${accuracy}`));
    entries.push(["Accuracy", percent(recent(accuracy)), validation(val)]);
  }
  const { total, left } = progressOf(run);
  entries.push(
    ["Epoch", whole(run.epoch), run.epochs === null ? "" : `of ${whole(run.epochs)}`],
    ["Step", whole(run.step), total === null ? "" : `of ${whole(total)}`],
    ["Time", duration(run.elapsed), left === null ? "in all" : `${duration(left)} left`],
    ["Speed", speed(last("~rate")), "samples a second"],
    ["Memory", bytes(last("~bytes")), `${whole(last("~tensors"))} tensors`],
  );
  return entries;
}

/**
 * How far a run is.
 * @param {Run} run
 * @returns {{ total: number | null, part: number | null, left: number | null }}
 */
export function progressOf(run) {
  const { step, elapsed, epochs, batches } = run;
  if (epochs === null || batches === null) return { total: null, part: null, left: null };
  const total = epochs * batches, part = Math.min(1, step / total);
  const left = isOver(run.status) || step === 0 ? null : elapsed * (1 - part) / part;
  return { total, part, left };
}
