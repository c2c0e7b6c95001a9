import { type Digits, SIDE } from "./data.ts";
import { el, find, setText } from "./elements.ts";

/** Digits that are shown. */
const SHOWN = 36;

/** Some of the test digits with what they are read as. */
export class DigitGrid {
  readonly #items: { item: HTMLElement; read: HTMLElement; label: number }[];
  readonly #tally: HTMLElement;

  constructor(section: HTMLElement, { pixels, labels }: Digits) {
    this.#tally = find(section, "[data-part=tally]", HTMLElement);
    this.#items = Array.from(labels.subarray(0, SHOWN), (label, i) => {
      const canvas = el("canvas", {
        width: String(SIDE),
        height: String(SIDE),
        "aria-hidden": "true",
      });
      draw(canvas, pixels.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE));
      const read = el("span", { class: "read" }, "?");
      return { item: el("li", {}, canvas, read), read, label };
    });
    find(section, "[data-part=digits]", HTMLElement)
      .replaceChildren(...this.#items.map(({ item }) => item));
  }

  /** Shows what the digits are read as. */
  show(read: ArrayLike<number>): void {
    let right = 0;
    this.#items.forEach((each, i) => {
      const isRight = read[i] === each.label;
      right += Number(isRight);
      each.item.className = isRight ? "right" : "wrong";
      setText(each.read, `${read[i]} ${isRight ? "✓" : "✗"}`);
      each.item.title = isRight ? `a ${each.label}` : `a ${each.label}, read as ${read[i]}`;
    });
    setText(this.#tally, `${right} of ${this.#items.length} right`);
  }
}

function draw(canvas: HTMLCanvasElement, pixels: Uint8Array): void {
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(SIDE, SIDE);
  pixels.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i));
  context.putImageData(image, 0, 0);
}
