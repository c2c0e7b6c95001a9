// The part of protobufjs that the reader uses. Its own types bring in all of Node's global types,
// which contradict Deno's.

/** A message type. */
export interface Type {
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: { longs: NumberConstructor; defaults: boolean }): unknown;
}

declare const protobuf: {
  /** Reads definitions in the language of .proto files. */
  parse(
    source: string,
    options: { keepCase: boolean },
  ): { root: { lookupType(name: string): Type } };
};
export default protobuf;
