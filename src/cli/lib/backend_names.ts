import type { BackendName } from "../../backends/init_backend.ts";

/** The backends of tfjs, fastest first. */
export const BACKENDS: readonly [BackendName, ...BackendName[]] = ["webgpu", "wasm", "cpu"];
