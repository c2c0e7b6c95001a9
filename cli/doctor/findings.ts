import type { BackendName } from "@signalfit/tfjs";
import type { EngineName } from "@signalfit/tfjs";
import type { HostFacts } from "../lib/host_facts.ts";
import type { Permission, PermissionState } from "../lib/permissions.ts";

/** All that the doctor found: what --json prints. */
export interface Findings extends HostFacts {
  readonly permissions: Readonly<Record<Permission, PermissionState>>;
  /** WebGPU's adapter, or why there is none. */
  readonly adapter: AdapterFacts | { readonly missing: string };
  /** What WebAssembly can do here. */
  readonly wasm: {
    readonly simd: boolean;
    /** Whether tfjs's backend uses threads. */
    readonly threads: boolean;
  };
  /** What initBackend() takes by itself. */
  readonly choice: Choice;
  readonly backends: readonly BackendFacts[];
  readonly selfTests: readonly SelfTest[];
  /** What is missing, and how to get it. */
  readonly advice: readonly string[];
}

/** A graphics adapter. */
export interface AdapterFacts {
  readonly description: string;
  /** Whether it computes on the processor. */
  readonly software: boolean;
  readonly limits: Readonly<Record<string, number>>;
  readonly features: readonly string[];
}

/** What initBackend() chose, if anything, and why it passed over others. */
export interface Choice {
  readonly backend: BackendName | null;
  readonly description: string;
  readonly passedOver: readonly { readonly backend: BackendName; readonly reason: string }[];
}

/** One of tfjs's backends. */
export interface BackendFacts {
  readonly name: BackendName;
  /** Why it does not start; null if it does. */
  readonly problem: string | null;
  /** How many of tfjs's operations it has. */
  readonly kernels: number;
  /** Those that are this library's, for training. */
  readonly ownKernels: readonly string[];
  /** Those it lacks and the cpu backend has. */
  readonly missingKernels: readonly string[];
}

/** How an engine did on a backend. */
export interface SelfTest {
  readonly engine: EngineName;
  readonly backend: BackendName;
  readonly status: "ok" | "failed";
  /** Why it failed; null if it did not. */
  readonly reason: string | null;
  /** The largest error of a parameter in units in the last place of float32; null without one. */
  readonly ulps: number | null;
  /** The largest that the roundings of float32 explain. */
  readonly allowedUlps: number;
  /** The optimizer with the largest error. */
  readonly worst: string | null;
}
