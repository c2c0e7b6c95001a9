import * as tf from "@tensorflow/tfjs-core";

/** What a kernel took of a batch. */
export interface KernelTime {
  readonly name: string;
  readonly milliseconds: number;
  readonly calls: number;
}

/**
 * Takes the time of each kernel of the current backend while something runs. A kernel that calls others
 * is charged for itself alone. On webgpu a call only queues: its time says nothing of the device.
 */
export async function profileKernels(run: () => Promise<void>): Promise<KernelTime[]> {
  const backendName = tf.getBackend();
  const own = tf.getKernelsForBackend(backendName);
  const times = new Map<string, { milliseconds: number; calls: number }>();
  /** Time of the kernels inside of each that is running. */
  const inner: number[] = [];
  for (const kernel of own) {
    const { kernelName, kernelFunc } = kernel;
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      ...kernel,
      kernelFunc: (parameters) => {
        inner.push(0);
        const start = performance.now();
        try {
          return kernelFunc(parameters);
        } finally {
          const took = performance.now() - start;
          const mine = took - inner.pop()!;
          if (inner.length > 0) inner[inner.length - 1]! += took;
          const entry = times.get(kernelName) ?? { milliseconds: 0, calls: 0 };
          entry.milliseconds += mine;
          entry.calls++;
          times.set(kernelName, entry);
        }
      },
    });
  }
  try {
    await run();
  } finally {
    for (const kernel of own) {
      tf.unregisterKernel(kernel.kernelName, backendName);
      tf.registerKernel(kernel);
    }
  }
  return [...times].map(([name, time]) => ({ name, ...time }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}
