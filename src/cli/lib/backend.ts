import * as tf from "@tensorflow/tfjs-core";
import { type BackendName, type BackendReport, initBackend } from "../../../mod.ts";
import { gatherRowsByCopying } from "./wasm_gather.ts";
import { transposeBeforeMatMul } from "./wasm_matmul.ts";

export { BACKENDS } from "./backend_names.ts";

/**
 * Starts the backend asked for, or the fastest one that has the kernels and starts.
 *
 * @param choice Its name, or "auto".
 * @param kernels Names of the kernels that will be needed.
 */
export async function startBackend(
  choice: BackendName | "auto",
  kernels: readonly string[],
): Promise<BackendReport> {
  tf.enableProdMode();
  const report = await initBackend(
    choice === "auto" ? { kernels } : { backends: [choice], kernels },
  );
  if (report.backend === "wasm") {
    transposeBeforeMatMul();
    gatherRowsByCopying();
  }
  return report;
}
