import { maskedCrc32c } from "./crc.ts";
import type { Histogram } from "./histogram.ts";
import { Message } from "./protobuf.ts";

/**
 * The events of TensorBoard, as far as they are written here. The fields and their numbers are those of
 * tensorflow/core/util/event.proto, summary.proto, histogram.proto and tensor.proto; values are those that
 * every version of TensorBoard reads (simple_value, histo, image), text is a tensor of strings.
 */

/** A value of a summary. */
export type Value = Message;

const DT_STRING = 7;

/** A number. */
export function scalarValue(tag: string, value: number): Value {
  return new Message().string(1, tag).float(2, value);
}

/** A histogram. */
export function histogramValue(tag: string, histogram: Histogram): Value {
  const { min, max, count, sum, squares, limits, counts } = histogram;
  const message = new Message().double(1, min).double(2, max).double(3, count).double(4, sum)
    .double(5, squares).doubles(6, limits).doubles(7, counts);
  return new Message().string(1, tag).message(5, message);
}

/** A picture, encoded as PNG. `channels` is 1 (gray), 2 (gray, alpha), 3 (RGB) or 4 (RGBA). */
export function imageValue(
  tag: string,
  { width, height, channels, png }: {
    readonly width: number;
    readonly height: number;
    readonly channels: number;
    readonly png: Uint8Array;
  },
): Value {
  const image = new Message().int(1, height).int(2, width).int(3, channels).bytes(4, png);
  return new Message().string(1, tag).message(4, image);
}

/** A text in Markdown. */
export function textValue(tag: string, text: string): Value {
  const shape = new Message().message(2, new Message().int(1, 1));
  const tensor = new Message().int(1, DT_STRING).message(2, shape).string(8, text);
  const metadata = new Message().message(1, new Message().string(1, "text"));
  return new Message().string(1, tag).message(8, tensor).message(9, metadata);
}

/** What a file of events begins with. */
export function fileVersion(seconds: number): Uint8Array {
  return record(new Message().double(1, seconds).string(3, "brain.Event:2").finish());
}

/**
 * Values at a step, framed as a record of the file.
 *
 * @param seconds since 1970
 */
export function summaryEvent(
  seconds: number,
  step: number,
  values: readonly Value[],
): Uint8Array {
  const summary = new Message();
  for (const value of values) summary.message(1, value);
  return record(new Message().double(1, seconds).int(2, step).message(5, summary).finish());
}

/**
 * A record of TFRecord: the length (8 bytes, the lowest first), its masked CRC32C, the data, its masked
 * CRC32C.
 */
export function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16), view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return bytes;
}
