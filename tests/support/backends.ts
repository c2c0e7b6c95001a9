import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers"; // registers the gradients
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-backend-webgpu";

/** The backends that tests run on. */
export type BackendName = "cpu" | "wasm" | "webgpu";

tf.enableProdMode(); // no banner
// Mesa's driver complains without it.
if (!Deno.env.get("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", "/tmp");
tf.env().set("WEBGPU_CPU_FORWARD", false); // else small tensors are computed on the CPU

/** Makes a backend the current one. */
export async function useBackend(name: BackendName): Promise<void> {
  if (!await tf.setBackend(name)) throw new Error(`the ${name} backend does not start`);
  await tf.ready();
}

/** What tf.memory() counts. */
export function counts(): { tensors: number; buffers: number; bytes: number } {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  return { tensors: numTensors, buffers: numDataBuffers, bytes: numBytes };
}
