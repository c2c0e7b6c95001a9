import { cpus, loadavg } from "node:os";
import * as tf from "@tensorflow/tfjs-core";
import config from "../deno.json" with { type: "json" };
import type { Adapter } from "./backends.ts";

/** Where and when something was measured. */
export interface Machine {
  readonly date: string;
  readonly versions: Readonly<Record<"signalfit" | "deno" | "v8" | "tfjs", string>>;
  readonly os: string;
  readonly cpu: { readonly model: string; readonly cores: number };
  /** What the wasm backend may use. */
  readonly wasm: { readonly simd: boolean; readonly threads: boolean };
  /** What the webgpu backend runs on; null if it was not asked for. */
  readonly adapter: Adapter | null;
  /** PyTorch's version; null if it was not asked for or is not there. */
  readonly torch: string | null;
  /** Whether garbage was collected before each sample. */
  readonly garbageCollection: boolean;
  /** Processes that wanted to run at the start, averaged over a minute. */
  readonly load: number;
}

/** Describes this machine, now. */
export async function describeMachine(
  { adapter, torch }: Pick<Machine, "adapter" | "torch">,
): Promise<Machine> {
  const feature = async (name: string): Promise<boolean> => Boolean(await tf.env().getAsync(name));
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    versions: {
      signalfit: config.version,
      deno: Deno.version.deno,
      v8: Deno.version.v8,
      tfjs: tf.version_core,
    },
    os: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
    cpu: { model: processors[0]?.model.trim() ?? "unknown", cores: processors.length },
    wasm: {
      simd: await feature("WASM_HAS_SIMD_SUPPORT"),
      threads: await feature("WASM_HAS_MULTITHREAD_SUPPORT"),
    },
    adapter,
    torch,
    garbageCollection: "gc" in globalThis,
    load: loadavg()[0]!,
  };
}
