import * as tf from "@tensorflow/tfjs-core";
import type { Backend } from "./backends.ts";
import type { adamfStep, FilterSettings, FilterState } from "./hand_written.ts";
import type { Inputs } from "./workloads.ts";

/** A contestant at work on a workload, wherever it runs. */
export interface Trial {
  /** Makes steps, the gradients taking turns; the milliseconds it took, everything being done. */
  run(steps: number): number | Promise<number>;
  /** The parameters, tensor by tensor. */
  read(): ArrayLike<number>[] | Promise<ArrayLike<number>[]>;
  dispose(): void | Promise<void>;
}

/** A tf.Optimizer with variables of its own. What is timed is `applyGradients`. */
export function optimizerTrial(
  optimizer: tf.Optimizer,
  { workload, params, gradients }: Inputs,
  backend: Backend,
): Trial {
  const variables = params.map((values, index) =>
    tf.tidy(() => tf.variable(tf.tensor(values.slice(), [...workload.shapes[index]!], "float32")))
  );
  const named = gradients.map(({ tensors }) =>
    Object.fromEntries(variables.map(({ name }, index) => [name, tensors[index]!]))
  );
  let step = 0;
  const apply = (steps: number): void => {
    for (let i = 0; i < steps; i++) optimizer.applyGradients(named[step++ % named.length]!);
  };
  return {
    run(steps) {
      if (backend.finish === undefined) return timed(() => apply(steps));
      const start = performance.now();
      apply(steps);
      return backend.finish().then(() => performance.now() - start);
    },
    read: () => Promise.all(variables.map((variable) => variable.data<"float32">())),
    dispose() {
      optimizer.dispose();
      tf.dispose(variables);
    },
  };
}

/** A loop of {@link adamfStep}'s kind over plain arrays, the new parameter in a fresh array or in place. */
export function handWrittenTrial(
  { params, gradients }: Inputs,
  update: typeof adamfStep,
  settings: FilterSettings,
  place: "fresh" | "in place",
): Trial {
  const arrays = params.map((values) => values.slice());
  const zeros = ({ length }: Float32Array): Float32Array => new Float32Array(length);
  const states = arrays.map((array): FilterState => ({
    m: zeros(array),
    s: zeros(array),
    v: zeros(array),
  }));
  let step = 0;
  return {
    run: (steps) =>
      timed(() => {
        for (let i = 0; i < steps; i++) {
          const { values } = gradients[step++ % gradients.length]!;
          arrays.forEach((param, index) => {
            const out = place === "fresh" ? new Float32Array(param.length) : param;
            update(settings, step, param, values[index]!, states[index]!, out);
            arrays[index] = out;
          });
        }
      }),
    read: () => arrays,
    dispose() {},
  };
}

/** Copies each parameter to an array that is there: what the machine does at most. */
export function copyTrial({ params }: Inputs): Trial {
  const copies = params.map(({ length }) => new Float32Array(length));
  return {
    run: (steps) =>
      timed(() => {
        for (let i = 0; i < steps; i++) {
          params.forEach((values, index) => copies[index]!.set(values));
        }
      }),
    read: () => copies,
    dispose() {},
  };
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
