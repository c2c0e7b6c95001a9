import { cpus, machine, platform, release, totalmem } from "node:os";
import process from "node:process";
import * as tf from "@tensorflow/tfjs-core";
import { VERSION } from "@signalfit/tfjs/parts";
import { allowed } from "./permissions.ts";

/** What ran the program, by version. One of "deno" and "node" is there. */
export interface Versions {
  readonly signalfit: string;
  readonly tfjs: string;
  readonly v8: string;
  readonly deno?: string;
  readonly node?: string;
}

/** The machine. What may not be looked at is "unknown" or 0. */
export interface HostFacts {
  readonly versions: Versions;
  /** Such as "linux 6.1.0 x86_64". */
  readonly os: string;
  readonly cpu: { readonly model: string; readonly cores: number };
  /** Main memory in bytes. */
  readonly memory: number;
}

/** Describes this machine; needs no permission, but Deno's --allow-sys for all of it. */
export function hostFacts(): HostFacts {
  const { deno, node, v8 = "unknown" } = process.versions as Record<string, string | undefined>;
  const processors = allowed("sys", cpus, []);
  return {
    versions: {
      signalfit: VERSION,
      tfjs: tf.version_core,
      v8,
      ...deno === undefined ? { node } : { deno },
    },
    os: [platform(), allowed("sys", release, ""), machine()].filter(Boolean).join(" "),
    cpu: {
      model: processors[0]?.model.trim() || "unknown",
      cores: processors.length || globalThis.navigator?.hardwareConcurrency || 0,
    },
    memory: allowed("sys", totalmem, 0),
  };
}

/** Such as "Deno 2.9.6". */
export function runtimeName({ deno, node }: Versions): string {
  return deno === undefined ? `Node ${node}` : `Deno ${deno}`;
}
