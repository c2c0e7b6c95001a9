import * as tf from "@tensorflow/tfjs-core";
import { bufferOf, freshTensor } from "@signalfit/tfjs/parts";
import { type Backend, requireGpu } from "./backends.ts";
import { timed, type Timing } from "./clocks.ts";
import type { adamfStep, FilterSettings, FilterState } from "./hand_written.ts";
import type { Inputs } from "./inputs.ts";

/** A contestant at work on a workload, wherever it runs. */
export interface Trial {
  /** Makes steps, the gradients taking turns; what they took, everything being done. */
  run(steps: number): Timing | Promise<Timing>;
  /** Asks for steps of a device, which are not waited for. */
  begin?(steps: number): void;
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
  const begin = (steps: number): void => {
    for (let i = 0; i < steps; i++) optimizer.applyGradients(named[step++ % named.length]!);
  };
  return {
    run: (steps) => timed(() => begin(steps), backend.finish),
    begin,
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

/**
 * Copies between arrays that are there: what the machine does at most.
 *
 * @param floats how many are copied for each parameter; the first one is the parameter itself
 */
export function copyTrial({ params }: Inputs, floats = 1): Trial {
  const sources = params.map((values) => repeated(values, floats));
  const copies = sources.map(({ length }) => new Float32Array(length));
  return {
    run: (steps) =>
      timed(() => {
        for (let i = 0; i < steps; i++) {
          sources.forEach((values, index) => copies[index]!.set(values));
        }
      }),
    read: () => copies.map((copy, index) => copy.subarray(0, params[index]!.length)),
    dispose() {},
  };
}

/** The same from buffer to buffer of the device, in one submit a step. */
export function deviceCopyTrial({ params }: Inputs, backend: Backend, floats = 1): Trial {
  const gpu = requireGpu();
  const sources = params.map((values) => tf.tensor1d(repeated(values, floats)));
  const copies = sources.map(({ shape }) => freshTensor(gpu, shape));
  const pairs = sources.map((source, index) => ({
    from: bufferOf(gpu, source),
    to: bufferOf(gpu, copies[index]!),
    bytes: 4 * source.size,
  }));
  const begin = (steps: number): void => {
    for (let i = 0; i < steps; i++) {
      const encoder = gpu.device.createCommandEncoder();
      for (const { from, to, bytes } of pairs) encoder.copyBufferToBuffer(from, 0, to, 0, bytes);
      gpu.queue.submit([encoder.finish()]);
    }
  };
  return {
    run: (steps) => timed(() => begin(steps), backend.finish),
    begin,
    async read() {
      const arrays = await Promise.all(copies.map((copy) => copy.data<"float32">()));
      return arrays.map((array, index) => array.subarray(0, params[index]!.length));
    },
    dispose: () => tf.dispose([...sources, ...copies]),
  };
}

/** So many times an array's numbers, one after the other. */
function repeated(values: Float32Array, times: number): Float32Array {
  return Float32Array.from(
    { length: Math.round(times * values.length) },
    (_, i) => values[i % values.length]!,
  );
}
