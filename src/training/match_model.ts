import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { Refusal } from "../io/failure.ts";

/** A weight of a model as it was saved. */
export interface SavedWeight {
  /** The layer's name for it, such as "dense_Dense1/kernel". */
  readonly weight: string;
  /** The name of its variable, which state goes by: it may have a suffix. */
  readonly variable: string;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** The counterpart of a saved weight in a model. */
export interface WeightMatch {
  /** Position among the saved weights. */
  readonly saved: number;
  readonly variable: tf.Variable;
}

/** What is saved of a model's weights beside their numbers. */
export function describeWeights(model: tfl.LayersModel): SavedWeight[] {
  return model.weights.map((weight) => ({
    weight: weight.originalName,
    variable: weight.name,
    shape: weight.shape as number[],
    dtype: weight.dtype,
  }));
}

/**
 * Finds the saved counterpart of each weight of a model: by name; or in their order, if all names are
 * tfjs's own and differ by the numbers it counts layers with.
 *
 * @throws {Refusal} if a weight has none, or another shape, naming the first such layer and both shapes
 */
export function matchModel(
  saved: readonly SavedWeight[],
  model: tfl.LayersModel,
): WeightMatch[] {
  const weights = describeWeights(model);
  const names = weights.map(({ weight }) => weight);
  const savedNames = saved.map(({ weight }) => weight);
  let matches = pair(savedNames, names);
  if (matches.includes(undefined) || saved.length > weights.length) {
    const counted = pair(recounted(savedNames), recounted(names));
    if (!counted.includes(undefined) && saved.length === weights.length) matches = counted;
  }
  weights.forEach((weight, index) => {
    const match = matches[index], there = saved[match ?? index];
    if (match !== undefined && fits(there!, weight)) return;
    throw new Refusal(
      `the first layer that does not fit is "${layerOf(model, index)}": ` +
        (match === undefined
          ? `the model has ${describe(weight)}, the checkpoint has ${describe(there)} in its place`
          : `its weight "${weight.weight}" has ${shapeOf(weight)} in the model, ` +
            `${shapeOf(there!)} in the checkpoint`),
    );
  });
  const taken = new Set(matches);
  const left = saved.find((_, index) => !taken.has(index));
  if (left !== undefined) {
    throw new Refusal(`the model has nothing for the checkpoint's weight ${describe(left)}`);
  }
  return matches.map((match, index) => ({
    saved: match!,
    variable: model.weights[index]!.read() as tf.Variable,
  }));
}

/** Pairs equal names, in their order where one occurs more than once. */
function pair(saved: readonly string[], names: readonly string[]): (number | undefined)[] {
  const places = new Map<string, number[]>();
  saved.forEach((name, index) => places.set(name, [...places.get(name) ?? [], index]));
  return names.map((name) => places.get(name)?.shift());
}

/** The name that tfjs gives a layer, such as "dense_Dense12": the class twice, and a number. */
const COUNTED = /(^|\/)([a-z][a-z0-9_]*_([A-Z]\w*?))(\d+)(?=\/)/g;

/** The names with tfjs's numbers of layers counted from 1. */
function recounted(names: readonly string[]): string[] {
  const counts = new Map<string, Map<string, number>>();
  return names.map((name) =>
    name.replaceAll(COUNTED, (_all, start: string, kind: string, _class, number: string) => {
      const known = counts.get(kind) ?? new Map<string, number>();
      counts.set(kind, known);
      if (!known.has(number)) known.set(number, known.size + 1);
      return `${start}${kind}${known.get(number)}`;
    })
  );
}

function fits(a: SavedWeight, b: SavedWeight): boolean {
  return a.dtype === b.dtype && String(a.shape) === String(b.shape);
}

function describe(weight: SavedWeight | undefined): string {
  return weight === undefined ? "nothing" : `"${weight.weight}" of ${shapeOf(weight)}`;
}

function shapeOf({ shape, dtype }: SavedWeight): string {
  return `shape [${shape.join(", ")}]${dtype === "float32" ? "" : ` (${dtype})`}`;
}

function layerOf(model: tfl.LayersModel, index: number): string {
  const weight = model.weights[index]!;
  return model.layers.find(({ weights }) => weights.includes(weight))?.name ??
    weight.originalName;
}

/**
 * A name of state with its variable's saved name replaced by the present one: state is named as its
 * variable, or "<variable>/<part>".
 */
export function renamer(
  saved: readonly SavedWeight[],
  matches: readonly WeightMatch[],
): (name: string) => string {
  const present = new Map(
    matches.map((match) => [saved[match.saved]!.variable, match.variable.name]),
  );
  return (name) => {
    for (let end = name.length; end > 0; end = name.lastIndexOf("/", end - 1)) {
      const found = present.get(name.slice(0, end));
      if (found !== undefined) return found + name.slice(end);
    }
    return name;
  };
}
