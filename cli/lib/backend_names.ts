import type { BackendName } from "../../src/backends/init_backend.ts";

/** The backends of tfjs, fastest first. */
export const BACKENDS: readonly [BackendName, ...BackendName[]] = ["webgpu", "wasm", "cpu"];
