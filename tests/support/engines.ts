import type { EngineName } from "../../src/engines/engine.ts";

/** Where each engine is tested. */
export const ENGINES: readonly { engine: EngineName; backend: "cpu" | "wasm" }[] = [
  { engine: "loop", backend: "cpu" },
  { engine: "loop", backend: "wasm" },
  { engine: "portable", backend: "cpu" },
  { engine: "portable", backend: "wasm" },
];
