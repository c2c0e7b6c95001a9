import { crc32 } from "./crc.ts";

/** A picture of bytes. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 1 (gray), 2 (gray, alpha), 3 (RGB) or 4 (RGBA). */
  readonly channels: number;
  /** Row by row, all channels of a pixel together. */
  readonly bytes: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** PNG's color types by the number of channels. */
const COLOR_TYPES = [NaN, 0, 4, 2, 6];
const PALETTE = 3;

/** Encodes a picture as PNG (RFC 2083): 8 bits a channel, rows without a filter. */
export async function encodePng({ width, height, channels, bytes }: Pixels): Promise<Uint8Array> {
  const header = new Uint8Array(13), view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, COLOR_TYPES[channels]!, 0, 0, 0], 8);
  const stride = width * channels, rows = new Uint8Array(height * (stride + 1));
  for (let y = 0; y < height; y++) {
    rows.set(bytes.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1); // after filter 0
  }
  const parts = [
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header),
    chunk("IDAT", await zlib(rows)),
    chunk("IEND", new Uint8Array(0)),
  ];
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

/**
 * Size and channels of a PNG.
 *
 * @throws {TypeError} if the bytes are none
 */
export function readPngHeader(png: Uint8Array): Omit<Pixels, "bytes"> {
  const isPng = png.length >= 26 && SIGNATURE.every((byte, i) => png[i] === byte);
  if (!isPng) {
    throw new TypeError(`Cannot write an image: the bytes must be a PNG, got ${png.length}`);
  }
  const view = new DataView(png.buffer, png.byteOffset), colorType = png[25]!;
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    channels: colorType === PALETTE ? 3 : Math.max(1, COLOR_TYPES.indexOf(colorType)),
  };
}

/** Length, type, data, and the CRC of type and data. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12), view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** Compresses as zlib does (RFC 1950). */
async function zlib(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as BlobPart]).stream()
    .pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
