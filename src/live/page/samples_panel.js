/**
 * Sample pictures as they improve: a slider goes through the training.
 *
 * @module
 */
import { el, setText } from "./dom.js";
import { whole } from "./format.js";
import { newPanel, table } from "./panel.js";
import { picture } from "./picture.js";

/** @typedef {import("../data.ts").Grid} Grid */

/** The most pixels of the page that the pictures take, each way. */
const MOST_SIZE = 284;

/** Shows grids of pictures. */
export class SamplesPanel {
  #panel;
  /** @type {Grid[]} */
  #grids = [];
  /** Which grid is shown; the last one, as long as the viewer has not chosen. */
  #shown = -1;
  #follows = true;
  #run = "";
  /** @type {Grid | undefined} */
  #drawn;
  #canvas = el("canvas", { class: "pictures", role: "img" });
  #slider;
  #where = el("output", { class: "caption", "aria-live": "off" });

  constructor() {
    this.#panel = newPanel("samples", "Samples", {
      table: () =>
        table(
          "Sample pictures",
          ["Epoch", "Step", "Pictures"],
          this.#grids.map(({ epoch, step, count }) => [whole(epoch), whole(step), whole(count)]),
        ),
      picture: () => picture(`Samples, ${this.#words()}`, [], this.#enlarged()),
    });
    this.#slider = el("input", {
      type: "range",
      min: "0",
      step: "1",
      "aria-label": "Which samples are shown, from first to last",
      input: () => {
        this.#shown = Number(this.#slider.value);
        this.#follows = this.#shown === this.#grids.length - 1;
        this.#draw();
      },
    });
    this.#panel.body.append(
      this.#canvas,
      el("div", { class: "slider" }, this.#slider, this.#where),
    );
    new ResizeObserver(() => this.#size()).observe(this.#panel.body);
  }

  get element() {
    return this.#panel.element;
  }

  /**
   * @param {Grid[]} grids
   * @param {string} run name of the run that they are of
   */
  update(grids, run) {
    this.#run = run;
    this.#grids = grids;
    const last = grids.length - 1;
    this.#shown = this.#follows ? last : Math.min(this.#shown, last);
    this.#slider.max = String(last);
    this.#slider.value = String(this.#shown);
    this.#draw();
    this.#panel.renewTable();
  }

  #words() {
    const grid = this.#grids[this.#shown];
    if (grid === undefined) return "";
    const when = grid.epoch === 0 ? "before training" : `epoch ${whole(grid.epoch)}`;
    return `${this.#run}, ${when}, step ${whole(grid.step)}`;
  }

  /** Pictures in a row. */
  #columns() {
    const { count = 1, width = 1, height = 1 } = this.#grids[this.#shown] ?? {};
    return Math.min(count, Math.max(1, Math.ceil(Math.sqrt(count * height / width))));
  }

  #draw() {
    const grid = this.#grids[this.#shown];
    if (grid === undefined) return;
    setText(this.#where, this.#words());
    this.#slider.setAttribute("aria-valuetext", this.#words());
    this.#canvas.setAttribute("aria-label", `${grid.count} sample pictures, ${this.#words()}`);
    this.#size();
    if (grid === this.#drawn) return;
    this.#drawn = grid;
    const { count, height, width, channels, pixels } = grid;
    const columns = this.#columns(), rows = Math.ceil(count / columns);
    this.#canvas.width = columns * (width + 1) - 1;
    this.#canvas.height = rows * (height + 1) - 1;
    const pen = this.#canvas.getContext("2d");
    const bytes = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
    for (let n = 0; n < count; n++) {
      const image = new ImageData(width, height);
      for (let i = 0; i < width * height; i++) {
        const at = (n * width * height + i) * channels;
        for (let c = 0; c < 3; c++) {
          image.data[4 * i + c] = bytes[at + (channels === 1 ? 0 : c)] ?? 0;
        }
        image.data[4 * i + 3] = 255;
      }
      pen?.putImageData(image, (n % columns) * (width + 1), Math.floor(n / columns) * (height + 1));
    }
  }

  /** Pictures are enlarged by whole numbers of pixels where there is room. */
  #size() {
    const room = this.#panel.body.clientWidth, { width, height } = this.#canvas;
    if (room === 0 || width === 0) return;
    const factor = Math.min(room, MOST_SIZE) / Math.max(width, height);
    const size = factor >= 1 ? Math.floor(factor * devicePixelRatio) / devicePixelRatio : factor;
    this.#canvas.style.width = `${Math.floor(width * size)}px`;
  }

  #enlarged() {
    const canvas = document.createElement("canvas"), factor = 6;
    canvas.width = factor * this.#canvas.width;
    canvas.height = factor * this.#canvas.height;
    const pen = canvas.getContext("2d");
    if (pen !== null) {
      pen.imageSmoothingEnabled = false;
      pen.drawImage(this.#canvas, 0, 0, canvas.width, canvas.height);
    }
    return canvas;
  }
}
