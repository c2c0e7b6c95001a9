import { getBackend } from "@tensorflow/tfjs-core";
import type { Engine, EngineName } from "./engine.ts";
import { loop, loopSupport } from "./loop.ts";
import { portable } from "./portable.ts";

/** A wish for an engine. */
export type EngineChoice = EngineName | "auto";

/** All choices, for checks and help texts. */
export const ENGINE_CHOICES: readonly EngineChoice[] = ["auto", "portable", "loop"];

/**
 * The engine to use on the current backend: the one asked for, or with "auto" the fastest that runs
 * there. Where "auto" must do with the slow one, it says so once.
 */
export function chooseEngine(choice: EngineChoice): Engine {
  if (choice === "portable") return portable;
  const support = loopSupport();
  if (support === "yes") return loop;
  if (choice === "loop") {
    throw new Error(
      `Cannot use the loop engine: ${EXPLANATION[support]}. Use engine "auto" or "portable"`,
    );
  }
  warnOnce(EXPLANATION[support]);
  return portable;
}

const EXPLANATION = {
  get "no host memory"(): string {
    return `the ${getBackend()} backend keeps its numbers where JavaScript cannot reach them`;
  },
  "no code generation": "code generation from strings is forbidden here (Content-Security-Policy)",
};

const warned = new Set<string>();

function warnOnce(reason: string): void {
  if (warned.has(reason)) return;
  warned.add(reason);
  console.warn(`signalfit: using the slower portable engine, because ${reason}`);
}
