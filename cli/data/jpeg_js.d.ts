// The part of jpeg-js that is used. Its own types speak of Node's Buffer.

/** An image. */
export interface Decoded {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of each pixel, 0 to 255, row-major. */
  readonly data: Uint8Array;
}

/** Decodes a JPEG file; of more than 100 megapixels or 512 MiB, none. */
export function decode(
  bytes: Uint8Array,
  options: { readonly useTArray: true; readonly formatAsRGBA: false },
): Decoded;

/** Encodes red, green, blue and opacity of each pixel, for the tests. */
export function encode(
  image: { readonly width: number; readonly height: number; readonly data: Uint8Array },
  quality: number,
): { readonly data: Uint8Array };
