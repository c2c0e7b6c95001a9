import type { Tensor } from "@tensorflow/tfjs-core";
import { scalar, tensor } from "@tensorflow/tfjs-core";
import type { SavedState } from "./state_store.ts";

/** A tensor with a name, as tfjs's optimizers exchange their weights. */
export interface NamedTensor {
  name: string;
  tensor: Tensor;
}

const ITERATIONS = "/iterations";
const STEP = "step";

/**
 * An optimizer's state as named tensors: `<optimizer>/iterations`, then for each variable
 * `<variable>/step` (int32) and `<variable>/<slot>` (float32, of the variable's shape).
 */
export function encodeWeights(
  optimizer: string,
  iterations: number,
  slots: readonly string[],
  states: readonly SavedState[],
): NamedTensor[] {
  return [
    { name: optimizer + ITERATIONS, tensor: scalar(iterations, "int32") },
    ...states.flatMap(({ name, step, shape, values }) => [
      { name: `${name}/${STEP}`, tensor: scalar(step, "int32") },
      ...slots.map((slot, index) => ({
        name: `${name}/${slot}`,
        tensor: tensor(values[index]!, [...shape], "float32"),
      })),
    ]),
  ];
}

/**
 * The reverse of {@link encodeWeights}, with every check before anything is returned.
 *
 * @throws {Error} if the state is another optimizer's, or a slot is missing, superfluous, or of the
 * wrong type or shape, naming the variable
 */
export async function decodeWeights(
  optimizer: string,
  slots: readonly string[],
  weights: readonly NamedTensor[],
): Promise<{ iterations: number; states: SavedState[] }> {
  const refuse = (why: string) => new Error(`Cannot load state into ${optimizer}: ${why}`);
  const head = weights.find(({ name }) => name.endsWith(ITERATIONS));
  if (head === undefined) {
    throw refuse(
      `there is no ".../iterations" among the ${weights.length} weights; ` +
        `was it saved by an optimizer of signalfit?`,
    );
  }
  const owner = head.name.slice(0, -ITERATIONS.length);
  if (owner !== optimizer) throw refuse(`it was saved by ${owner}`);

  const variables = new Map<string, Map<string, Tensor>>();
  for (const { name, tensor } of weights) {
    if (name === head.name) continue;
    const cut = name.lastIndexOf("/");
    const [variable, slot] = [name.slice(0, cut), name.slice(cut + 1)];
    if (cut < 0 || (slot !== STEP && !slots.includes(slot))) {
      throw refuse(`"${name}" is no slot of it; the slots are ${slots.join(", ")}`);
    }
    const parts = variables.get(variable) ?? new Map<string, Tensor>();
    variables.set(variable, parts.set(slot, tensor));
  }
  for (const [variable, parts] of variables) {
    for (const slot of [STEP, ...slots]) {
      const tensor = parts.get(slot);
      if (tensor === undefined) throw refuse(`the slot "${slot}" of "${variable}" is missing`);
      const dtype = slot === STEP ? "int32" : "float32";
      if (tensor.dtype !== dtype) {
        throw refuse(`"${variable}/${slot}" must be ${dtype}, got ${tensor.dtype}`);
      }
      const shape = slot === STEP ? [] : parts.get(slots[0]!)!.shape;
      if (String(tensor.shape) !== String(shape)) {
        throw refuse(`"${variable}/${slot}" must have shape [${shape}], got [${tensor.shape}]`);
      }
    }
  }

  const integer = async (name: string, tensor: Tensor) => {
    const [value] = await tensor.data();
    if (!Number.isInteger(value) || value! < 0) {
      throw refuse(`"${name}" must be a whole number >= 0, got ${value}`);
    }
    return value!;
  };
  return {
    iterations: await integer(head.name, head.tensor),
    states: await Promise.all(
      [...variables].map(async ([name, parts]) => ({
        name,
        step: await integer(`${name}/${STEP}`, parts.get(STEP)!),
        shape: parts.get(slots[0]!)!.shape,
        values: await Promise.all(
          slots.map(async (slot) => (await parts.get(slot)!.data<"float32">()).slice()),
        ),
      })),
    ),
  };
}
