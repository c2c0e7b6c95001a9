import type { BackendName } from "@signalfit/tfjs";

/** The backends of tfjs, fastest first. */
export const BACKENDS: readonly [BackendName, ...BackendName[]] = ["webgpu", "wasm", "cpu"];
