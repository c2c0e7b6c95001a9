import * as tf from "@tensorflow/tfjs-core";
import type { Algebra } from "../expr/algebra.ts";
import { evaluate } from "../expr/program.ts";
import { cannotLook, type Engine, type SlotState, type Work } from "./engine.ts";
import { programOf } from "./rule_program.ts";
import { gpuBackend } from "./webgpu/backend.ts";

/** Slots as tensors that outlive tidy scopes. */
class PortableState implements SlotState {
  constructor(public tensors: tf.Tensor[]) {}
  readSync(): Float32Array[] {
    return this.tensors.map((tensor) => tensor.dataSync<"float32">().slice());
  }
  read(): Promise<Float32Array[]> {
    return Promise.all(
      this.tensors.map(async (tensor) => (await tensor.data<"float32">()).slice()),
    );
  }
  dispose(): void {
    tf.dispose(this.tensors);
  }
}

/** The operations of a rule as tfjs operations. */
const tensors: Algebra<tf.Tensor, tf.Tensor> = {
  range: "single",
  constant: (value) => tf.scalar(value),
  add: (a, b) => tf.add(a, b),
  sub: (a, b) => tf.sub(a, b),
  mul: (a, b) => tf.mul(a, b),
  div: (a, b) => tf.div(a, b),
  min: (a, b) => tf.minimum(a, b),
  max: (a, b) => tf.maximum(a, b),
  pow: (a, b) => tf.pow(a, b),
  sqrt: (a) => tf.sqrt(a),
  sign: (a) => {
    // tf.sign of the wasm backend gives 0 for small numbers and for NaN.
    const negative = tf.where(tf.less(a, 0), tf.scalar(-1), a);
    return tf.where(tf.less(0, a), tf.scalar(1), negative);
  },
  less: (a, b) => tf.less(a, b),
  equal: (a, b) => tf.equal(a, b),
  select: (condition, yes, no) => tf.where(condition, yes, no),
};

/** A rule as a chain of tfjs operations: slow, and at home on every backend. */
export const portable: Engine<PortableState> = {
  name: "portable",
  createState: (shape, slots, values) =>
    new PortableState(
      Array.from(
        { length: slots },
        (_, slot) =>
          tf.keep(
            values === undefined
              ? tf.zeros([...shape])
              : tf.tensor(values[slot]!, [...shape], "float32"),
          ),
      ),
    ),
  step(work) {
    const results: tf.Tensor[][] = [];
    try {
      for (const item of work) results.push(compute(item));
    } catch (error) {
      tf.dispose(results);
      throw error;
    }
    work.forEach(({ variable, state }, index) => {
      const [param, ...slots] = results[index]!;
      variable.assign(param!);
      param!.dispose();
      state.dispose();
      state.tensors = slots;
    });
  },
  firstNonFinite(gradients) {
    // A browser would try to read synchronously, and give zeros.
    if (gpuBackend() !== undefined) throw cannotLook();
    // The product with 0 is NaN for NaN and infinity: one number tells about all gradients.
    const sum = (tensor: tf.Tensor) => tf.sum(tf.mul(tensor, 0));
    const isNaN = (f: () => tf.Tensor) => Number.isNaN(tf.tidy(() => read(f())));
    if (gradients.length === 0 || !isNaN(() => tf.addN(gradients.map(sum)))) return -1;
    return gradients.findIndex((gradient) => isNaN(() => sum(gradient)));
  },
};

function read(scalar: tf.Tensor): number {
  try {
    return scalar.dataSync()[0]!;
  } catch (cause) {
    throw cannotLook(cause);
  }
}

/** The new parameter and slots of one variable, kept. */
function compute({ rule, scalars, variable, gradient, state }: Work<PortableState>): tf.Tensor[] {
  return tf.tidy(() => {
    const inputs: Record<string, tf.Tensor> = { param: variable, grad: gradient };
    rule.slots.forEach((slot, index) => inputs[slot] = state.tensors[index]!);
    const outputs = evaluate(
      programOf(rule, "single"),
      tensors,
      (name) => inputs[name] ?? tf.scalar(scalars[name]!),
    );
    const taken = new Set<tf.Tensor>(Object.values(inputs));
    return ["param", ...rule.slots].map((name) => {
      const tensor = outputs[name]!;
      // An input belongs to somebody else, and no two results may be one tensor.
      const owned = taken.has(tensor) ? tf.clone(tensor) : tensor;
      taken.add(owned);
      return tf.keep(owned);
    });
  });
}
