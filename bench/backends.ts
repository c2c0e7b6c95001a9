import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers"; // registers the gradients
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";

tf.enableProdMode(); // no banner

/** The backends that are timed. */
export type BackendName = "cpu" | "wasm";

/** A backend that is timed. */
export interface Backend {
  readonly name: BackendName;
  /** Waits until everything submitted is done; absent where a call returns when its work is done. */
  finish?(): Promise<void>;
}

/** All backends, in the order in which they are timed: cpu first, for the wasm memory never shrinks. */
export const BACKENDS: readonly Backend[] = [{ name: "cpu" }, { name: "wasm" }];

/** Makes a backend the current one. */
export async function startBackend({ name }: Backend): Promise<void> {
  if (!await tf.setBackend(name)) {
    throw new Error(`Cannot time ${name}: the backend does not start`);
  }
  await tf.ready();
}
