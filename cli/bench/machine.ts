import { loadavg } from "node:os";
import * as tf from "@tensorflow/tfjs-core";
import { type HostFacts, hostFacts } from "../lib/host_facts.ts";
import { allowed } from "../lib/permissions.ts";
import type { Adapter } from "./backends.ts";

/** Where and when something was measured. */
export interface Machine extends Omit<HostFacts, "memory"> {
  readonly date: string;
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
  const { memory: _, ...host } = hostFacts();
  return {
    date: new Date().toISOString(),
    ...host,
    wasm: {
      simd: await feature("WASM_HAS_SIMD_SUPPORT"),
      threads: await feature("WASM_HAS_MULTITHREAD_SUPPORT"),
    },
    adapter,
    torch,
    garbageCollection: "gc" in globalThis,
    load: allowed("sys", loadavg, [0])[0]!,
  };
}
