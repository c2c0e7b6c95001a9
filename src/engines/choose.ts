import { getBackend } from "@tensorflow/tfjs-core";
import type { Engine, EngineName } from "./engine.ts";
import { loop, loopSupport } from "./loop.ts";
import { portable } from "./portable.ts";
import { simd, simdSupport } from "./simd.ts";
import { webgpu, webgpuSupport } from "./webgpu/webgpu.ts";

/** A wish for an engine. */
export type EngineChoice = EngineName | "auto";

/**
 * What an engine is, and why it cannot run here if it cannot.
 *
 * @internal
 */
export interface EngineEntry {
  readonly engine: Engine;
  /** "yes", or the reason why not. */
  readonly support: () => string;
}

/** All engines, the fastest first: "auto" takes the first that can run on the current backend. */
export const ENGINES: Readonly<Record<EngineName, EngineEntry>> = {
  webgpu: { engine: webgpu, support: webgpuSupport },
  simd: { engine: simd, support: simdSupport },
  loop: { engine: loop, support: loopSupport },
  portable: { engine: portable, support: () => "yes" },
};

/** All choices, for checks and help texts. */
export const ENGINE_CHOICES: readonly [EngineChoice, ...EngineChoice[]] = [
  "auto",
  "portable",
  "loop",
  "simd",
  "webgpu",
];

/**
 * The engine to use on the current backend: the one asked for, or with "auto" the fastest that runs
 * there. Where "auto" must do with the slow one, it says so once.
 */
export function chooseEngine(choice: EngineChoice): Engine {
  if (choice !== "auto") {
    const { engine, support } = ENGINES[choice];
    const reason = support();
    if (reason === "yes") return engine;
    throw new Error(`Cannot use the ${choice} engine: ${reason}. Use engine "auto" or "portable"`);
  }
  for (const { engine, support } of Object.values(ENGINES)) {
    if (support() !== "yes") continue;
    if (engine === portable) warnOnce(loopSupport());
    return engine;
  }
  return portable;
}

const warned = new Set<string>();

function warnOnce(reason: string): void {
  const key = `${getBackend()}: ${reason}`;
  if (warned.has(key)) return;
  warned.add(key);
  console.warn(`signalfit: using the slower portable engine, because ${reason}`);
}
