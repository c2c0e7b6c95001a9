/**
 * Reads files of TensorBoard's events independently of what writes them: records by the documented
 * framing with another package's CRC32C, messages by protobufjs from the public definitions.
 */
import assert from "node:assert/strict";
import crc32c from "crc-32/crc32c.js";
// @ts-types="./protobufjs.d.ts"
import protobuf from "protobufjs";

/** From tensorflow/core/util/event.proto and tensorflow/core/framework/*.proto, as far as is needed. */
const DEFINITIONS = `
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; bytes graph_def = 4; Summary summary = 5; }
  }
  message Summary {
    message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
    message Value {
      string node_name = 7;
      string tag = 1;
      SummaryMetadata metadata = 9;
      oneof value { float simple_value = 2; Image image = 4; HistogramProto histo = 5; TensorProto tensor = 8; }
    }
    repeated Value value = 1;
  }
  message HistogramProto {
    double min = 1; double max = 2; double num = 3; double sum = 4; double sum_squares = 5;
    repeated double bucket_limit = 6 [packed = true];
    repeated double bucket = 7 [packed = true];
  }
  message SummaryMetadata {
    message PluginData { string plugin_name = 1; bytes content = 2; }
    PluginData plugin_data = 1;
  }
  message TensorShapeProto { message Dim { int64 size = 1; string name = 2; } repeated Dim dim = 2; }
  message TensorProto {
    int32 dtype = 1; TensorShapeProto tensor_shape = 2; repeated bytes string_val = 8;
  }
`;

const Event = protobuf.parse(DEFINITIONS, { keepCase: true }).root.lookupType("Event");

/** An event as far as it is set. */
export interface ReadEvent {
  readonly wall_time: number;
  readonly step: number;
  readonly file_version?: string;
  readonly summary?: { readonly value: readonly ReadValue[] };
}

/** A value of a summary. */
export interface ReadValue {
  readonly tag: string;
  readonly simple_value?: number;
  readonly image?: {
    readonly height: number;
    readonly width: number;
    readonly colorspace: number;
    readonly encoded_image_string: Uint8Array;
  };
  readonly histo?: Readonly<Record<"min" | "max" | "num" | "sum" | "sum_squares", number>> & {
    readonly bucket_limit: readonly number[];
    readonly bucket: readonly number[];
  };
  readonly tensor?: {
    readonly dtype: number;
    readonly tensor_shape: { readonly dim: readonly { readonly size: number }[] };
    readonly string_val: readonly Uint8Array[];
  };
  readonly metadata?: { readonly plugin_data: { readonly plugin_name: string } };
}

/** The payloads of records, each checked. */
export function* recordsOf(file: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let position = 0; position < file.length;) {
    const length = Number(view.getBigUint64(position, true));
    const sum = (start: number, end: number) => maskedSum(file.subarray(start, end));
    assert.equal(view.getUint32(position + 8, true), sum(position, position + 8), "length");
    const start = position + 12, end = start + length;
    assert.ok(end + 4 <= file.length, "a record that is cut short");
    assert.equal(view.getUint32(end, true), sum(start, end), "data");
    yield file.subarray(start, end);
    position = end + 4;
  }
}

/** As tensorflow/core/lib/hash/crc32c.h masks it. */
function maskedSum(bytes: Uint8Array): number {
  const sum = BigInt(crc32c.buf(bytes) >>> 0);
  return Number(((sum >> 15n | sum << 17n) + 0xa282ead8n) & 0xffffffffn);
}

/** All events of a file, the version first. */
export function eventsOf(file: Uint8Array): ReadEvent[] {
  return [...recordsOf(file)].map((record) =>
    Event.toObject(Event.decode(record), { longs: Number, defaults: true }) as ReadEvent
  );
}

/** The events of the only file in a run's directory, its version checked and left out. */
export async function readRun(directory: string): Promise<ReadEvent[]> {
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name);
  assert.equal(names.length, 1, names.join());
  assert.match(names[0]!, /^events\.out\.tfevents\.\d{10}\.signalfit\.\d{4}\.[0-9a-f]{8}$/);
  const [version, ...events] = eventsOf(await Deno.readFile(`${directory}/${names[0]}`));
  assert.equal(version!.file_version, "brain.Event:2");
  return events;
}

/** The scalars by tag, each as [step, value] pairs in the order in which they were written. */
export function scalarsOf(events: readonly ReadEvent[]): Record<string, [number, number][]> {
  const scalars: Record<string, [number, number][]> = {};
  for (const { step = 0, summary } of events) {
    for (const { tag, simple_value } of summary?.value ?? []) {
      if (simple_value !== undefined) (scalars[tag] ??= []).push([step, simple_value]);
    }
  }
  return scalars;
}

/** All values of one kind, with their steps. */
export function valuesOf<Kind extends "image" | "histo" | "tensor">(
  events: readonly ReadEvent[],
  kind: Kind,
): { step: number; tag: string; value: NonNullable<ReadValue[Kind]>; plugin?: string }[] {
  return events.flatMap(({ step = 0, summary }) =>
    (summary?.value ?? []).filter((value) => value[kind] !== undefined && value[kind] !== null)
      .map((value) => ({
        step,
        tag: value.tag,
        value: value[kind]!,
        plugin: value.metadata?.plugin_data.plugin_name,
      }))
  );
}
