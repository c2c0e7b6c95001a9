import { readFile } from "node:fs/promises";
import { failure } from "@signalfit/tfjs/parts";

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
  return parseIdx(isGzip ? await gunzip(bytes, rank, path) : bytes, rank, path);
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
  const { shape, size, headerLength } = parseHeader(bytes, rank, name);
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

/** What stands before the elements. */
interface Header {
  readonly shape: readonly number[];
  /** Number of elements. */
  readonly size: number;
  readonly headerLength: number;
}

function parseHeader(bytes: Uint8Array, rank: number, name: string): Header {
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
  return { shape, size, headerLength };
}

/**
 * Unpacks a file, one byte more than its header says at most: a small file can unpack to any size, and
 * what is too long is no IDX file.
 */
async function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  rank: number,
  name: string,
): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))
    .getReader();
  const read = () =>
    reader.read().catch((cause) => {
      throw new Error(`Cannot read ${name}: its gzip stream is truncated or damaged`, { cause });
    });
  const unpacked = new Growing(), head = 4 + 4 * rank;
  let most = head;
  for (let next = await read(); !next.done; next = await read()) {
    const isHead = unpacked.length < head;
    unpacked.add(isHead ? next.value : next.value.subarray(0, most + 1 - unpacked.length));
    if (isHead && unpacked.length >= head) {
      const { headerLength, size } = parseHeader(unpacked.bytes, rank, name);
      most = headerLength + size;
    }
    if (unpacked.length > most) break;
  }
  await reader.cancel();
  return unpacked.bytes.subarray(0, most + 1);
}

/** Bytes that become more. */
class Growing {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  add(more: Uint8Array): void {
    const length = this.#length + more.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(more, this.#length);
    this.#length = length;
  }
}

function hex(value: number): string {
  return "0x" + value.toString(16).padStart(8, "0");
}
