/**
 * Pause, resume and stop.
 *
 * @module
 */
import { el, icon, setText } from "./dom.js";
import { isOver } from "./state.js";

const PAUSE = "M8 5v14M16 5v14";
const PLAY = "M7 5l12 7-12 7z";
const STOP = "M6 6h12v12H6z";

/** @typedef {import("../data.ts").Status} Status */

/** The buttons that control the training. */
export class ControlsBar {
  #status = /** @type {Status} */ ("finished");
  #canSave = false;
  #message = el("p", { class: "unseen", role: "status" });
  #pause = el("button", {
    class: "button",
    type: "button",
    "data-action": "pause",
    click: () => this.#send(this.#isPaused() ? "resume" : "pause"),
  });
  #stop = el(
    "button",
    {
      class: "button",
      type: "button",
      "data-action": "stop",
      click: () => this.#dialog.showModal(),
    },
    icon(STOP),
    el("span", {}, "Stop"),
  );
  #question = el("p", { id: "stop-question" });
  /** @type {HTMLDialogElement} */
  #dialog = el(
    "dialog",
    { "aria-labelledby": "stop-heading", "aria-describedby": "stop-question" },
    el("h2", { id: "stop-heading" }, "Stop the training?"),
    this.#question,
    el(
      "div",
      { class: "choices" },
      el("button", { class: "button", type: "button", click: () => this.#dialog.close() }, "Go on"),
      el("button", {
        class: "button primary",
        type: "button",
        "data-action": "really-stop",
        click: () => {
          this.#dialog.close();
          this.#send("stop");
        },
      }, "Stop"),
    ),
  );
  element = el(
    "div",
    { class: "controls", role: "group", "aria-label": "Training" },
    this.#pause,
    this.#stop,
    this.#message,
    this.#dialog,
  );

  /**
   * @param {Status} status
   * @param {boolean} canSave
   * @param {boolean} isConnected
   */
  update(status, canSave, isConnected) {
    this.#status = status;
    this.element.hidden = isOver(status) || !isConnected;
    this.#pause.disabled = this.#stop.disabled = status === "stopping";
    const isPaused = this.#isPaused();
    if (this.#pause.dataset.shows !== String(isPaused)) {
      this.#pause.dataset.shows = String(isPaused);
      this.#pause.replaceChildren(
        icon(isPaused ? PLAY : PAUSE),
        el("span", {}, isPaused ? "Resume" : "Pause"),
      );
    }
    this.#canSave = canSave;
    setText(
      this.#question,
      this.#canSave
        ? "After the present batch a checkpoint is saved, and the training ends."
        : "The training ends after the present batch. Nothing is saved.",
    );
    if (this.element.hidden && this.#dialog.open) this.#dialog.close();
  }

  #isPaused() {
    return this.#status === "paused" || this.#status === "pausing";
  }

  /** @param {"pause" | "resume" | "stop"} action */
  async #send(action) {
    try {
      const response = await fetch("control", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ action }),
      });
      setText(this.#message, response.ok ? "" : (await response.text()).trim());
    } catch {
      setText(this.#message, "The training cannot be reached.");
    }
  }
}
