import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import { transposeBeforeMatMul } from "./wasm_matmul.ts";

/** The backends of tfjs that the demo may use, fastest first. */
export const BACKENDS = ["wasm", "cpu"] as const;

/** Name of a backend. */
export type BackendName = typeof BACKENDS[number];

/**
 * Starts the backend asked for, or the fastest one that has the kernels and starts.
 *
 * @param choice Its name, or "auto".
 * @param kernels Names of the kernels that will be needed.
 * @returns The name of the backend started.
 */
export async function startBackend(
  choice: BackendName | "auto",
  kernels: readonly string[],
): Promise<BackendName> {
  tf.enableProdMode();
  const candidates = choice === "auto" ? BACKENDS : [choice];
  const reasons: string[] = [];
  for (const name of candidates) {
    const missing = kernels.filter((kernel) => !tf.getKernel(kernel, name));
    if (missing.length > 0) {
      reasons.push(`${name} cannot train this model: it has no kernel ${missing.join(", ")}`);
    } else if (!await tf.setBackend(name)) {
      reasons.push(`${name} does not start`);
    } else {
      if (name === "wasm") transposeBeforeMatMul();
      return name;
    }
  }
  throw new Error(`Cannot start a backend: ${reasons.join("; ")}`);
}
