import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { hostMemory } from "../engines/host_memory.ts";
import { learningRateOf } from "../optimizers/learning_rate.ts";
import { RuleOptimizer } from "../optimizers/rule_optimizer.ts";
import {
  type OptimizerState,
  readOptimizer,
  writeOptimizer,
} from "../optimizers/optimizer_state.ts";
import { meet } from "./meeting.ts";
import type { Team } from "./team.ts";

/** Gives all ranks the bytes of one. */
export function broadcastBytes(team: Team, own: Uint8Array, root = 0): Uint8Array<ArrayBuffer> {
  const length = Float32Array.of(own.length >> 12, own.length & 0xfff); // exact in float32
  team.broadcast(length, root);
  const size = length[0]! * 4096 + length[1]!;
  const words = new Float32Array(Math.ceil(size / 4)), bytes = new Uint8Array(words.buffer);
  if (team.rank === root) bytes.set(own);
  team.broadcast(words, root);
  return bytes.slice(0, size);
}

/** What all ranks of a fit must have alike, in lines. */
export function descriptionOf(
  model: tfl.LayersModel,
  params: Readonly<Record<string, unknown>>,
): string[] {
  const trained = new Set(model.trainableWeights);
  const { optimizer } = model;
  let config = "";
  try {
    config = JSON.stringify(optimizer.getConfig());
  } catch {
    // One's own optimizer may have none.
  }
  return [
    `an epoch has ${params.steps ?? "an unknown number of"} batches`,
    `there are ${params.epochs} epochs`,
    `the optimizer is ${optimizer.getClassName()} ${config}, learning rate ` +
    `${learningRateOf(optimizer) ?? "by a schedule"}`,
    `the model has ${model.weights.length} weights`,
    ...model.weights.map((weight, index) =>
      `weight ${index} is ${weight.name} of shape [${weight.shape}], ` +
      `${weight.dtype}, ${trained.has(weight) ? "trained" : "not trained"}`
    ),
  ];
}

/**
 * Compares lines with those of rank 0.
 *
 * @throws {Error} on all ranks, if they differ on one, with the first line that does
 */
export function agree(team: Team, lines: readonly string[]): void {
  const encode = (text: string) => new TextEncoder().encode(text);
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const first = decode(broadcastBytes(team, encode(lines.join("\n")))).split("\n");
  const odd = Array.from(
    { length: Math.max(first.length, lines.length) },
    (_, index) => index,
  ).find((index) => first[index] !== lines[index]);
  const rows = meet(team, "the beginning of a fit", [odd === undefined ? 0 : 1]);
  const rank = rows.findIndex(([differs]) => differs === 1);
  if (rank < 0) return;
  const detail = odd === undefined
    ? ""
    : `on rank ${rank} ${lines[odd] ?? "there is no more"}, on rank 0 ${
      first[odd] ?? "there is no more"
    }`;
  throw new Error(
    `Cannot train together: ${decode(broadcastBytes(team, encode(detail), rank))}`,
  );
}

/** Gives all ranks the weights and the optimizer's state of rank 0. */
export async function spread(team: Team, model: tfl.LayersModel): Promise<void> {
  const isFirst = team.rank === 0;
  const { data, specs } = isFirst
    ? await tf.io.encodeWeights(
      model.weights.map((weight, index) => ({ name: String(index), tensor: weight.read() })),
    )
    : { data: new ArrayBuffer(0), specs: [] };
  const weights = decode(team, data, specs);
  if (!isFirst) model.weights.forEach((weight, i) => weight.write(weights.tensors[i]!.tensor));
  tf.dispose(weights.tensors.map(({ tensor }) => tensor));

  // tfjs's Adamax cannot give its state: then each rank goes on with its own, as new.
  const own = isFirst ? await readOptimizer(model).catch(() => undefined) : undefined;
  const encoded = own === undefined
    ? { data: new ArrayBuffer(0), specs: [] }
    : await tf.io.encodeWeights(own.tensors);
  const state = decode(team, encoded.data, encoded.specs, own?.state ?? null);
  own?.dispose();
  if (!isFirst && state.extra !== null) {
    await writeOptimizer(model, state.extra as OptimizerState, state.tensors);
  }
  tf.dispose(state.tensors.map(({ tensor }) => tensor));
  // What has been summed for the next step is of all ranks: one of them keeps it.
  if (model.optimizer instanceof RuleOptimizer) {
    await model.optimizer.gatherSums(() => {}, isFirst);
  }
}

/** The named tensors of rank 0, on each rank, and what goes with them. */
function decode(
  team: Team,
  data: ArrayBuffer,
  specs: tf.io.WeightsManifestEntry[],
  extra: unknown = null,
): { tensors: { name: string; tensor: tf.Tensor }[]; extra: unknown } {
  const head = new TextEncoder().encode(JSON.stringify({ specs, extra }));
  const parsed = JSON.parse(new TextDecoder().decode(broadcastBytes(team, head))) as {
    specs: tf.io.WeightsManifestEntry[];
    extra: unknown;
  };
  const bytes = broadcastBytes(team, new Uint8Array(data));
  // Names may come twice.
  const numbered = parsed.specs.map((spec, index) => ({ ...spec, name: String(index) }));
  const tensors = tf.io.decodeWeights(bytes.buffer, numbered);
  return {
    tensors: parsed.specs.map(({ name }, index) => ({ name, tensor: tensors[String(index)]! })),
    extra: parsed.extra,
  };
}

/**
 * Looks whether all ranks have the same parameters, bit for bit.
 *
 * @throws {Error} on all ranks, naming the first variable that differs
 */
export async function compareParameters(team: Team, model: tfl.LayersModel): Promise<void> {
  meet(team, "the comparison of parameters");
  const memory = hostMemory();
  const own = new Uint32Array(model.weights.length);
  for (const [index, weight] of model.weights.entries()) {
    const tensor = weight.read();
    const values = memory !== undefined && tensor.dtype === "float32"
      ? memory.view(tensor)
      : await tensor.data();
    own[index] = hash(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  const first = new Float32Array(own.slice().buffer);
  team.broadcast(first, 0);
  const theirs = new Uint32Array(first.buffer);
  const odd = own.findIndex((value, index) => value !== theirs[index]);
  const rows = meet(team, "the comparison of parameters", [odd]);
  const rank = rows.findIndex(([odd]) => odd! >= 0);
  if (rank < 0) return;
  const name = model.weights[rows[rank]![0]!]!.name;
  throw new Error(
    `Cannot go on together: all ranks must have the same parameters, and "${name}" differs on rank ` +
      `${rank} from rank 0. Whatever changes weights must do the same on all ranks`,
  );
}

/** A hash of bytes, FNV-1a over words of four, with a rotation that lets high bits reach low ones. */
function hash(bytes: Uint8Array): number {
  const words = bytes.byteOffset % 4 === 0
    ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2)
    : new Uint32Array(bytes.slice().buffer, 0, bytes.byteLength >> 2);
  let value = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) {
    value = Math.imul(value ^ words[i]!, 0x01000193);
    value = (value << 15) | (value >>> 17);
  }
  for (let i = words.length * 4; i < bytes.length; i++) {
    value = Math.imul(value ^ bytes[i]!, 0x01000193);
  }
  return value >>> 0;
}
