import type { EngineName } from "../../src/engines/engine.ts";
import { ENGINES as ALL } from "../../src/engines/choose.ts";
import type { Engine } from "../../src/engines/engine.ts";
import type { BackendName } from "./backends.ts";

/** Where each engine is tested. */
export const ENGINES: readonly { engine: EngineName; backend: BackendName }[] = [
  { engine: "simd", backend: "cpu" },
  { engine: "simd", backend: "wasm" },
  { engine: "loop", backend: "cpu" },
  { engine: "loop", backend: "wasm" },
  { engine: "webgpu", backend: "webgpu" },
  { engine: "portable", backend: "cpu" },
  { engine: "portable", backend: "wasm" },
  { engine: "portable", backend: "webgpu" },
];

/** The engine of that name. */
export function engineNamed(name: EngineName): Engine {
  return ALL[name].engine;
}
