/** Kinds of fields on the wire. */
const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];

/**
 * A message of Protocol Buffers, written field by field
 * (https://protobuf.dev/programming-guides/encoding). A method is named after the type of the field; each
 * returns the message. Writing a field of one value several times makes it a repeated one.
 */
export class Message {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  /** A whole number, 0 to 2^53 - 1. */
  int(field: number, value: number): this {
    return this.#varint(field * 8 + VARINT).#varint(value);
  }

  double(field: number, value: number): this {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    return this.#varint(field * 8 + FIXED64).#add(bytes);
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#varint(field * 8 + FIXED32).#add(bytes);
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#varint(field * 8 + BYTES).#varint(value.length).#add(value);
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish());
  }

  /** A packed list. */
  doubles(field: number, values: readonly number[]): this {
    const bytes = new Uint8Array(8 * values.length), view = new DataView(bytes.buffer);
    values.forEach((value, i) => view.setFloat64(8 * i, value, true));
    return this.bytes(field, bytes);
  }

  /** The bytes of all fields so far. */
  finish(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let position = 0;
    for (const piece of this.#pieces) {
      all.set(piece, position);
      position += piece.length;
    }
    return all;
  }

  #varint(value: number): this {
    const bytes: number[] = [];
    for (; value > 127; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
    bytes.push(value);
    return this.#add(Uint8Array.from(bytes));
  }

  #add(bytes: Uint8Array): this {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    return this;
  }
}
