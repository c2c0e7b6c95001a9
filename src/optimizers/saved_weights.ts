import type { Tensor } from "@tensorflow/tfjs-core";
import { scalar, tensor } from "@tensorflow/tfjs-core";
import type { SavedState } from "./state_store.ts";

/** A tensor with a name, as tfjs's optimizers exchange their weights. */
export interface NamedTensor {
  /** What the tensor is: the variable's name and the kind of state. */
  name: string;
  /** The state, which belongs to whoever asked for it. */
  tensor: Tensor;
}

const ITERATIONS = "/iterations";
const STEP = "step";
const ACCUMULATED = "accumulated";

/**
 * An optimizer's state as named tensors: `<optimizer>/iterations`, then for each variable
 * `<variable>/step` (int32) and `<variable>/<slot>` (float32, of the variable's shape). Where gradients
 * are summed, `<optimizer>/accumulated` (int32) tells how many, and `<variable>/accumulated` whether
 * the variable had one (0 or 1).
 */
export function encodeWeights(
  optimizer: string,
  iterations: number,
  slots: readonly string[],
  states: readonly SavedState[],
  accumulated?: number,
): NamedTensor[] {
  const integer = (name: string, value: number) => ({ name, tensor: scalar(value, "int32") });
  const accumulates = accumulated !== undefined;
  return [
    integer(optimizer + ITERATIONS, iterations),
    ...accumulates ? [integer(`${optimizer}/${ACCUMULATED}`, accumulated)] : [],
    ...states.flatMap(({ name, step, isAccumulating, shape, values }) => [
      integer(`${name}/${STEP}`, step),
      ...accumulates ? [integer(`${name}/${ACCUMULATED}`, Number(isAccumulating ?? false))] : [],
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
): Promise<{ iterations: number; accumulated: number; states: SavedState[] }> {
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
  const sum = weights.find(({ name }) => name === `${optimizer}/${ACCUMULATED}`);
  const integers = sum === undefined ? [STEP] : [STEP, ACCUMULATED];
  for (const { name, tensor } of weights) {
    if (name === head.name || name === sum?.name) continue;
    const cut = name.lastIndexOf("/");
    const [variable, slot] = [name.slice(0, cut), name.slice(cut + 1)];
    if (cut < 0 || (!integers.includes(slot) && !slots.includes(slot))) {
      throw refuse(`"${name}" is no slot of it; the slots are ${slots.join(", ")}`);
    }
    const parts = variables.get(variable) ?? new Map<string, Tensor>();
    variables.set(variable, parts.set(slot, tensor));
  }
  for (const [variable, parts] of variables) {
    for (const slot of [...integers, ...slots]) {
      const tensor = parts.get(slot);
      if (tensor === undefined) throw refuse(`the slot "${slot}" of "${variable}" is missing`);
      const isInteger = integers.includes(slot);
      const dtype = isInteger ? "int32" : "float32";
      if (tensor.dtype !== dtype) {
        throw refuse(`"${variable}/${slot}" must be ${dtype}, got ${tensor.dtype}`);
      }
      const shape = isInteger ? [] : parts.get(slots[0]!)!.shape;
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
    accumulated: sum === undefined ? 0 : await integer(sum.name, sum.tensor),
    states: await Promise.all(
      [...variables].map(async ([name, parts]) => ({
        name,
        step: await integer(`${name}/${STEP}`, parts.get(STEP)!),
        isAccumulating: sum !== undefined &&
          await integer(`${name}/${ACCUMULATED}`, parts.get(ACCUMULATED)!) > 0,
        shape: parts.get(slots[0]!)!.shape,
        values: await Promise.all(
          slots.map(async (slot) => (await parts.get(slot)!.data<"float32">()).slice()),
        ),
      })),
    ),
  };
}
