import { type LabelledImages, loadImageData } from "../../cli/data/mnist.ts";

/** Digits to train with and to test with. */
export const COUNTS = { train: 4000, test: 1000 } as const;

/** The files that the page loads its digits from: pixels 0 to 255, 28 x 28 a digit, and labels. */
export async function digitFiles(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const { train, test } = await loadImageData({ limit: COUNTS.train });
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, { pixels, labels, size: [rows, columns] }] of parts(train, test)) {
    const count = COUNTS[name];
    files.set(`digits/${name}-pixels.bin`, pixels.slice(0, count * rows * columns));
    files.set(`digits/${name}-labels.bin`, labels.slice(0, count));
  }
  return files;
}

function parts(train: LabelledImages, test: LabelledImages) {
  return [["train", train], ["test", test]] as const;
}
