import { color, find, onTheme, setText } from "./elements.ts";
import { count } from "./format.ts";
import type { DiffusionData } from "./diffusion_data.ts";

/** Samples drawn at a step. */
interface Snapshot {
  readonly step: number;
  readonly values: ArrayLike<number>;
}

/** The most snapshots that are kept; then every second one goes. */
const MOST = 48;
/** Half the width of what is shown of the plane. */
const REACH = 1.7;

/** The samples of a run, the latest ones or, by a slider, those before. */
export class SampleView {
  readonly #canvas: HTMLCanvasElement;
  readonly #caption: HTMLElement;
  readonly #when: HTMLInputElement;
  #data: DiffusionData | undefined;
  #snapshots: Snapshot[] = [];

  constructor(section: HTMLElement) {
    this.#canvas = find(section, "[data-part=samples]", HTMLCanvasElement);
    this.#caption = find(section, "[data-part=caption]", HTMLElement);
    this.#when = find(section, "[data-part=when]", HTMLInputElement);
    this.#when.addEventListener("input", () => this.#draw());
    onTheme(() => this.#draw());
  }

  /** Begins anew, with samples like the data. */
  begin(data: DiffusionData): void {
    this.#data = data;
    this.#snapshots = [];
    this.#draw();
  }

  /** Adds samples; they are shown unless somebody looks at earlier ones. */
  add(step: number, values: ArrayLike<number>): void {
    const isLatest = Number(this.#when.value) >= this.#snapshots.length - 1;
    if (this.#snapshots.length >= MOST) {
      this.#snapshots = this.#snapshots.filter((_, i) => i % 2 === 0);
    }
    this.#snapshots.push({ step, values });
    const last = this.#snapshots.length - 1;
    this.#when.max = String(last);
    this.#when.disabled = last === 0;
    if (isLatest) this.#when.value = String(last);
    this.#draw();
  }

  #draw(): void {
    const context = this.#canvas.getContext("2d")!, { width, height } = this.#canvas;
    context.clearRect(0, 0, width, height);
    const snapshot =
      this.#snapshots[Math.min(Number(this.#when.value), this.#snapshots.length - 1)];
    this.#canvas.dataset.snapshots = String(this.#snapshots.length);
    if (this.#data === undefined || snapshot === undefined) return;
    const after = `after ${count(snapshot.step)} steps`;
    setText(this.#caption, after);
    this.#when.setAttribute("aria-valuetext", after);
    if (this.#data.size === 2) drawPoints(context, this.#data, snapshot.values);
    else drawPictures(context, this.#data, snapshot.values);
    const what = this.#data.size === 2 ? "points" : "pictures of digits";
    this.#canvas.setAttribute(
      "aria-label",
      `${this.#data.samples} ${what} made from noise, ${after}`,
    );
  }
}

function drawPoints(
  context: CanvasRenderingContext2D,
  data: DiffusionData,
  samples: ArrayLike<number>,
): void {
  const { width, height } = context.canvas;
  const dots = (values: ArrayLike<number>, ink: string, radius: number) => {
    context.fillStyle = ink;
    for (let i = 0; i < values.length; i += 2) {
      const x = (values[i]! / REACH + 1) * width / 2, y = (1 - values[i + 1]! / REACH) * height / 2;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
    }
  };
  dots(data.values, color("--data"), 2);
  dots(samples, color("--run-0"), 3.2);
}

function drawPictures(
  context: CanvasRenderingContext2D,
  { size, samples }: DiffusionData,
  values: ArrayLike<number>,
): void {
  const side = Math.sqrt(size), across = Math.ceil(Math.sqrt(samples));
  const cell = context.canvas.width / across, gap = 4;
  const picture = new OffscreenCanvas(side, side), own = picture.getContext("2d")!;
  context.imageSmoothingEnabled = false;
  for (let n = 0; n < samples; n++) {
    const image = own.createImageData(side, side);
    for (let i = 0; i < size; i++) {
      const value = 127.5 * (values[n * size + i]! + 1);
      image.data.set([value, value, value, 255], 4 * i);
    }
    own.putImageData(image, 0, 0);
    const x = (n % across) * cell, y = Math.floor(n / across) * cell;
    context.drawImage(picture, x + gap / 2, y + gap / 2, cell - gap, cell - gap);
  }
}
