import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers"; // registers the gradients
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";

tf.enableProdMode(); // no banner

/** Makes a backend the current one. */
export async function useBackend(name: "cpu" | "wasm"): Promise<void> {
  assertTrue(await tf.setBackend(name), `the ${name} backend does not start`);
  await tf.ready();
}

function assertTrue(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

/** What tf.memory() counts. */
export function counts(): { tensors: number; buffers: number; bytes: number } {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  return { tensors: numTensors, buffers: numDataBuffers, bytes: numBytes };
}
