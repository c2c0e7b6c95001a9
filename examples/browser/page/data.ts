/** Rows and columns of a digit. */
export const SIDE = 28;

/** Digits with their labels. */
export interface Digits {
  readonly count: number;
  /** Brightness 0 to 255, digit after digit, row-major. */
  readonly pixels: Uint8Array;
  /** 0 to 9. */
  readonly labels: Uint8Array;
}

/** Loads the digits that the page is served with. */
export async function loadDigits(): Promise<{ train: Digits; test: Digits }> {
  const [train, test] = await Promise.all([load("train"), load("test")]);
  return { train, test };
}

async function load(part: "train" | "test"): Promise<Digits> {
  const [pixels, labels] = await Promise.all(
    ["pixels", "labels"].map(async (what) => {
      const response = await fetch(`/digits/${part}-${what}.bin`);
      if (!response.ok) throw new Error(`Cannot load the digits: ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    }),
  ) as [Uint8Array, Uint8Array];
  return { count: labels.length, pixels, labels };
}

/** Brightness in [0, 1], a row a digit. */
export function brightness({ pixels }: Digits): Float32Array {
  return Float32Array.from(pixels, (value) => value / 255);
}

/** Digits of half the size, in [-1, 1], a row a digit. */
export function halfSized({ count, pixels }: Digits): Float32Array {
  const half = SIDE / 2;
  return Float32Array.from({ length: count * half * half }, (_, i) => {
    const digit = Math.floor(i / (half * half)),
      row = Math.floor(i / half) % half,
      column = i % half;
    const at = digit * SIDE * SIDE + 2 * row * SIDE + 2 * column;
    const sum = pixels[at]! + pixels[at + 1]! + pixels[at + SIDE]! + pixels[at + SIDE + 1]!;
    return sum / 510 - 1;
  });
}
