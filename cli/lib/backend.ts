import * as tf from "@tensorflow/tfjs-core";
import { type BackendName, type BackendReport, initBackend } from "@signalfit/tfjs";

export { BACKENDS } from "./backend_names.ts";

/**
 * Starts the backend asked for, or the fastest one that has the kernels and starts.
 *
 * @param choice Its name, or "auto".
 * @param needs Names of the kernels that will be needed.
 */
export async function startBackend(
  choice: BackendName | "auto",
  needs: readonly string[],
): Promise<BackendReport> {
  tf.enableProdMode();
  return await initBackend(choice === "auto" ? { needs } : { backends: [choice], needs });
}

/** What runs, in a few words. What was passed over, and why, `signalfit doctor` tells. */
export function backendName({ backend, description, software }: BackendReport): string {
  return `${backend} (${description}${software ? ", a software adapter" : ""})`;
}
