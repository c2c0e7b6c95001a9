/**
 * What holds for all charts: the horizontal axis, smoothing, zoom.
 *
 * @module
 */
import { el, setText } from "./dom.js";
import { changeView, zoom } from "./view.js";

/** @typedef {import("./view.js").View} View */

/** The bar above the charts. */
export class Toolbar {
  #view;
  #amount = el("output", { for: "smoothing", "aria-live": "off" });
  #smoothing = el("input", {
    type: "range",
    id: "smoothing",
    min: "0",
    max: "0.99",
    step: "0.01",
    input: () => changeView(this.#view, { smoothing: Number(this.#smoothing.value) }),
  });
  #byStep = el("button", { class: "button quiet", type: "button" }, "Steps");
  #byTime = el("button", { class: "button quiet", type: "button" }, "Time");
  #reset = el("button", { class: "button quiet", type: "button" }, "Show all");
  element;

  /**
   * @param {View} view
   * @param {HTMLElement[]} exports
   */
  constructor(view, exports) {
    this.#view = view;
    this.#byStep.addEventListener("click", () => changeView(view, { x: "step" }));
    this.#byTime.addEventListener("click", () => changeView(view, { x: "time" }));
    this.#reset.addEventListener("click", () => changeView(view, { range: null }));
    const zoomButton = (
      /** @type {string} */ text,
      /** @type {string} */ label,
      /** @type {number} */ factor,
    ) =>
      el("button", {
        class: "button quiet square",
        type: "button",
        "aria-label": label,
        title: label,
        click: () => zoom(view, factor),
      }, text);
    this.element = el(
      "div",
      { class: "toolbar", role: "toolbar", "aria-label": "All charts" },
      el(
        "div",
        { class: "segments", role: "group", "aria-label": "Horizontal axis" },
        this.#byStep,
        this.#byTime,
      ),
      el(
        "div",
        { class: "group", role: "group", "aria-label": "Zoom" },
        zoomButton("−", "Zoom out", 2),
        zoomButton("+", "Zoom in", 0.5),
        this.#reset,
      ),
      el("label", { class: "smoothing" }, "Smoothing", this.#smoothing, this.#amount),
      el("div", { class: "group exports", role: "group", "aria-label": "Export" }, ...exports),
    );
  }

  update() {
    const { x, smoothing, range } = this.#view;
    this.#byStep.setAttribute("aria-pressed", String(x === "step"));
    this.#byTime.setAttribute("aria-pressed", String(x === "time"));
    this.#reset.disabled = range === null;
    this.#smoothing.value = String(smoothing);
    setText(this.#amount, smoothing.toFixed(2));
  }
}
