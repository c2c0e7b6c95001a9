import * as tf from "@tensorflow/tfjs-core";
import { evaluate } from "../expr/program.ts";
import { GRADIENT_SCALE } from "../rules/prepared.ts";
import { cannotLook, type Engine, type SlotState, type Work } from "./engine.ts";
import { gradientScales } from "./portable_norms.ts";
import { programOf } from "./rule_program.ts";
import { type TensorAlgebra, tensorAlgebra } from "./tensor_algebra.ts";
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
  step(work, limit) {
    const results: tf.Tensor[][] = [];
    const algebra = tensorAlgebra();
    const scales = limit === undefined ? [] : gradientScales(work, limit);
    try {
      work.forEach((item, index) => results.push(compute(algebra, item, scales[index])));
    } catch (error) {
      tf.dispose(results);
      throw error;
    } finally {
      algebra.dispose();
      tf.dispose(scales);
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
function compute(
  algebra: TensorAlgebra,
  { rule, scalars, variable, gradient, state }: Work<PortableState>,
  scale: tf.Tensor | undefined,
): tf.Tensor[] {
  return tf.tidy(() => {
    const inputs: Record<string, tf.Tensor> = { param: variable, grad: gradient };
    rule.slots.forEach((slot, index) => inputs[slot] = state.tensors[index]!);
    if (scale !== undefined) inputs[GRADIENT_SCALE] = scale;
    const outputs = evaluate(
      programOf(rule, "single"),
      algebra,
      (name) => inputs[name] ?? Math.fround(scalars[name]!),
    );
    const taken = new Set<tf.Tensor>(Object.values(inputs));
    return ["param", ...rule.slots].map((name) => {
      const tensor = algebra.spread(outputs[name]!, variable.shape);
      // An input belongs to somebody else, and no two results may be one tensor.
      const owned = taken.has(tensor) ? tf.clone(tensor) : tensor;
      taken.add(owned);
      return tf.keep(owned);
    });
  });
}
