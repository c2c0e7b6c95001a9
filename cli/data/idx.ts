import { readFile } from "node:fs/promises";
import { failure } from "../../src/io/failure.ts";

/** An array of bytes with a shape, as an IDX file holds it. */
export interface IdxArray {
  /** Sizes, outermost first: `[60000, 28, 28]` for the training images of MNIST. */
  readonly shape: readonly number[];
  /** The elements, row-major. */
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

/**
 * Reads an IDX file of unsigned bytes, gzipped or not. Which of the two is told by the content, not
 * by the name.
 *
 * @param path File to read.
 * @param rank Number of dimensions expected: 3 for images, 1 for labels.
 */
export async function readIdx(path: string, rank: number): Promise<IdxArray> {
  const bytes = await readFile(path).then(
    (buffer) => new Uint8Array(buffer),
    (error) => Promise.reject(failure("Cannot read", path, error)),
  );
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return parseIdx(isGzip ? await gunzip(bytes, path) : bytes, rank, path);
}

/**
 * Parses the content of an IDX file: two zero bytes, the element type, the number of dimensions,
 * the big-endian size of each, the elements.
 *
 * @param bytes Content of the file.
 * @param rank Number of dimensions expected.
 * @param name What to call the file in an error.
 */
export function parseIdx(bytes: Uint8Array, rank: number, name: string): IdxArray {
  const headerLength = 4 + 4 * rank;
  if (bytes.length < headerLength) {
    throw new Error(
      `Cannot read ${name}: truncated, ${bytes.length} bytes where the header alone has ${headerLength}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  const expected = UNSIGNED_BYTE << 8 | rank;
  if (magic !== expected) {
    throw new Error(
      `Cannot read ${name}: not an IDX file of unsigned bytes with ${rank} dimension(s): ` +
        `at byte 0 stands ${hex(magic)}, expected ${hex(expected)}`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  const data = bytes.subarray(headerLength);
  if (data.length !== size) {
    const fault = data.length < size ? "truncated" : "too long";
    throw new Error(
      `Cannot read ${name}: ${fault}, ${data.length} elements from byte ${headerLength} on where ` +
        `its header says ` +
        `${shape.join(" x ")} = ${size}`,
    );
  }
  return { shape, data };
}

async function gunzip(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Uint8Array> {
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return new Uint8Array(await new Response(plain).arrayBuffer());
  } catch (cause) {
    throw new Error(`Cannot read ${name}: its gzip stream is truncated or damaged`, { cause });
  }
}

function hex(value: number): string {
  return "0x" + value.toString(16).padStart(8, "0");
}
