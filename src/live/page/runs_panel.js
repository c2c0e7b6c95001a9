/**
 * The runs: their colours, whether they are shown, how they stand, and their settings.
 *
 * @module
 */
import { el, setText, swatch } from "./dom.js";
import { duration, number, percent, whole } from "./format.js";
import { COLORS, smoothed } from "./lines.js";
import { lastOf } from "./series.js";
import { showRun } from "./view.js";

/** @typedef {import("../data.ts").Run} Run */
/** @typedef {import("./view.js").View} View */

const HEADS = ["Run", "State", "Loss", "Validation", "Accuracy", "Steps", "Time", "Settings"];

/** The table of runs. */
export class RunsPanel {
  #rows = el("tbody", { role: "rowgroup" });
  /** @type {Map<string, HTMLElement[]>} */
  #cells = new Map();
  #view;
  element = el(
    "section",
    { class: "card runs", "aria-labelledby": "runs-heading" },
    el("header", {}, el("h2", { id: "runs-heading" }, "Runs")),
    el(
      "div",
      { class: "scroller", tabindex: "0", role: "region", "aria-label": "Table of runs" },
      el(
        "table",
        { role: "table" }, // on a telephone it is drawn as cards, and stays a table
        el(
          "thead",
          { role: "rowgroup" },
          el(
            "tr",
            { role: "row" },
            ...HEADS.map((head) => el("th", { scope: "col", role: "columnheader" }, head)),
          ),
        ),
        this.#rows,
      ),
    ),
  );

  /** @param {View} view */
  constructor(view) {
    this.#view = view;
  }

  /** @param {readonly Run[]} runs */
  update(runs) {
    const ids = runs.map(({ id }) => id);
    if (ids.join() !== [...this.#cells.keys()].join()) {
      this.#cells.clear();
      this.#rows.replaceChildren(...runs.map((run, i) => this.#row(run, i)));
    }
    for (const run of runs) {
      textsOf(run).forEach((text, i) => {
        const cell = this.#cells.get(run.id)?.[i];
        if (cell !== undefined) setText(cell, text);
      });
      this.#cells.get(run.id)?.[0]?.setAttribute("data-status", run.status);
    }
  }

  /**
   * @param {Run} run
   * @param {number} index
   */
  #row(run, index) {
    const shown = el("input", {
      type: "checkbox",
      "aria-label": `Show ${run.name}`,
      change: () => showRun(this.#view, run.id, shown.checked),
    });
    shown.checked = !this.#view.hidden.has(run.id);
    const cells = HEADS.slice(1).map((head) =>
      el("td", { class: head === "Settings" ? "settings" : "", role: "cell", "data-head": head })
    );
    this.#cells.set(run.id, cells);
    return el(
      "tr",
      { role: "row" },
      el(
        "th",
        { scope: "row", role: "rowheader" },
        el("label", {}, shown, swatch(`run-${index % COLORS}`, "solid"), run.name),
      ),
      ...cells,
    );
  }
}

/** @param {Run} run */
function textsOf(run) {
  const series = (/** @type {string[]} */ ...names) =>
    run.series.find(({ name }) => names.includes(name));
  const recent = smoothed(series("loss")?.y.slice(-100) ?? [], 0.9).at(-1);
  const accuracy = lastOf(series("val_acc", "val_accuracy")) ??
    smoothed(series("acc", "accuracy")?.y.slice(-100) ?? [], 0.9).at(-1);
  return [
    run.status,
    number(recent),
    number(lastOf(series("val_loss"))),
    percent(accuracy),
    whole(run.step),
    duration(run.elapsed),
    run.facts.map(([label, value]) => `${label} ${value}`).join(" · "),
  ];
}
