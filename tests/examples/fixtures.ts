import { join } from "node:path";

/** The content of an IDX file of unsigned bytes. */
export function idxBytes(shape: readonly number[], data: ArrayLike<number>): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, 0x0800 | shape.length);
  shape.forEach((size, axis) => header.setUint32(4 + 4 * axis, size));
  const bytes = new Uint8Array(header.byteLength + data.length);
  bytes.set(new Uint8Array(header.buffer));
  bytes.set(Array.from(data), header.byteLength);
  return bytes;
}

/** Gzips bytes. */
export async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([bytes.slice()]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** Images of one bright column each; the column is the class. */
export function stripes(
  count: number,
  side: number,
): { images: Uint8Array; labels: Uint8Array } {
  const pixels = new Uint8Array(count * side * side);
  const labels = Uint8Array.from({ length: count }, (_, image) => image % side);
  for (let image = 0; image < count; image++) {
    for (let row = 0; row < side; row++) {
      pixels[(image * side + row) * side + labels[image]!] = 255 - (image + row) % 40;
    }
  }
  return {
    images: idxBytes([count, side, side], pixels),
    labels: idxBytes([count], labels),
  };
}

/** Files of a data set by name. */
export type Files = Record<string, Uint8Array>;

/** The four files of a small data set. */
export function smallDataSet({ train = 200, test = 40, side = 8 } = {}): Files {
  const [learn, check] = [stripes(train, side), stripes(test, side)];
  return {
    "train-images-idx3-ubyte": learn.images,
    "train-labels-idx1-ubyte": learn.labels,
    "t10k-images-idx3-ubyte": check.images,
    "t10k-labels-idx1-ubyte": check.labels,
  };
}

/** Runs a test in a new directory that is removed afterwards. */
export async function inDirectory(
  files: Files,
  body: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "signalfit-" });
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await Deno.writeFile(join(directory, name), bytes);
    }
    await body(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
