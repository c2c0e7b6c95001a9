import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import assert from "node:assert/strict";

await tf.setBackend("cpu");

/** Runs a test with a directory of its own, which does not outlive it. */
export async function withDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "file_system_test_" });
  try {
    await body(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** A model whose weights differ with the seed. */
export function smallModel(seed: number): layers.Sequential {
  const kernelInitializer = layers.initializers.randomNormal({ seed, stddev: 1 });
  return layers.sequential({
    layers: [
      layers.layers.dense({ units: 4, inputShape: [3], activation: "tanh", kernelInitializer }),
      layers.layers.dense({ units: 2, kernelInitializer }),
    ],
  });
}

/** What the model answers to a fixed batch. */
export function predictions(model: layers.LayersModel): number[] {
  return tf.tidy(() => {
    const x = tf.tensor2d([[0.1, -2, 3], [0.7, 0.5, -0.3], [1e-3, 40, 0]]);
    return [...(model.predict(x) as tf.Tensor).dataSync()];
  });
}

/** Artifacts of two shards, all bytes of the same value, without a model behind them. */
export function artifactsOf(value: number): tf.io.ModelArtifacts {
  return {
    modelTopology: { value },
    format: "layers-model",
    weightSpecs: [{ name: "w", shape: [5], dtype: "float32" }],
    weightData: [
      new Uint8Array(8).fill(value).buffer,
      new Uint8Array(12).fill(value).buffer,
    ],
  };
}

/** Which of the {@linkcode artifactsOf} these are, after checking that they are whole. */
export function valueOf({ modelTopology, weightData }: tf.io.ModelArtifacts): number {
  const { value } = modelTopology as { value: number };
  assert.ok(weightData instanceof ArrayBuffer);
  assert.deepEqual(new Uint8Array(weightData), new Uint8Array(20).fill(value));
  return value;
}

/** The handler's methods, which tfjs declares optional. */
export function methods(handler: tf.io.IOHandler): Required<tf.io.IOHandler> {
  const { save, load } = handler;
  assert.ok(save !== undefined && load !== undefined);
  return { save, load };
}

/** The names in a directory, sorted. */
export function filesIn(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map((entry) => entry.name).sort();
}
