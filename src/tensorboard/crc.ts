/** A table for a reflected CRC of 32 bits. */
function tableOf(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ polynomial : rest >>> 1;
    return rest;
  });
}

/** The polynomial of Castagnoli, for records of events. */
const CASTAGNOLI = /* @__PURE__ */ tableOf(0x82f63b78);
/** The polynomial of zlib and PNG. */
const ZLIB = /* @__PURE__ */ tableOf(0xedb88320);

function crc(table: Uint32Array, bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) rest = table[(rest ^ bytes[i]!) & 255]! ^ (rest >>> 8);
  return ~rest >>> 0;
}

/** CRC32C (RFC 3720). */
export function crc32c(bytes: Uint8Array): number {
  return crc(CASTAGNOLI, bytes);
}

/** CRC32 as in PNG (ISO 3309). */
export function crc32(bytes: Uint8Array): number {
  return crc(ZLIB, bytes);
}

/** A CRC32C as TFRecord stores it: rotated by 15 bits, plus a constant. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const value = crc32c(bytes);
  return (((value >>> 15) | (value << 17)) + 0xa282ead8) >>> 0;
}
