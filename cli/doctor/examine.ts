import * as tf from "@tensorflow/tfjs-core";
import { describeAdapter, findAdapter } from "@signalfit/tfjs/parts";
import { type BackendName, initBackend } from "@signalfit/tfjs";
import { ENGINES } from "@signalfit/tfjs/parts";
import type { EngineName } from "@signalfit/tfjs";
import { wasmSupport } from "@signalfit/tfjs/parts";
import { hostFacts } from "../lib/host_facts.ts";
import { permission, PERMISSIONS } from "../lib/permissions.ts";
import { adviceFor } from "./advice.ts";
import type { AdapterFacts, BackendFacts, Choice, Findings, SelfTest } from "./findings.ts";
import { selfTest } from "./self_test.ts";

/** The backends, in the order in which they are examined: cpu first, whose kernels are all there are. */
const BACKENDS: readonly BackendName[] = ["cpu", "wasm", "webgpu"];

/** Limits of an adapter that decide how a step is cut into passes. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupsPerDimension",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupStorageSize",
] as const;

/**
 * Looks at everything and tests every engine on every backend that starts.
 *
 * @param signal leaves out the tests that have not begun
 * @param onProgress is told what is being done
 */
export async function examine(
  signal: AbortSignal,
  onProgress: (doing: string) => void,
): Promise<Findings> {
  tf.enableProdMode();
  onProgress("looking for an adapter");
  const found = {
    ...hostFacts(),
    permissions: Object.fromEntries(
      PERMISSIONS.map((name) => [name, permission(name)]),
    ) as Findings["permissions"],
    adapter: await adapterFacts(),
  };
  onProgress("choosing a backend");
  const choice = await choose();
  const backends: BackendFacts[] = [];
  const selfTests: SelfTest[] = [];
  for (const name of BACKENDS) {
    onProgress(`starting ${name}`);
    const facts = await backendFacts(name, backends[0]);
    backends.push(facts);
    if (facts.problem !== null) continue;
    if (name === "webgpu") tf.env().set("WEBGPU_CPU_FORWARD", false); // else small tensors are computed on the CPU
    for (const engine of Object.keys(ENGINES) as EngineName[]) {
      if (signal.aborted || ENGINES[engine].support() !== "yes") continue;
      onProgress(`testing ${engine} on ${name}`);
      selfTests.push(await selfTest(engine, name));
    }
  }
  const threads = backends.some(({ name, problem }) => name === "wasm" && problem === null) &&
    Boolean(await tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT"));
  const findings: Omit<Findings, "advice"> = {
    ...found,
    wasm: { simd: wasmSupport() === "yes", threads },
    choice,
    backends,
    selfTests,
  };
  return { ...findings, advice: adviceFor(findings) };
}

async function adapterFacts(): Promise<Findings["adapter"]> {
  const adapter = await findAdapter();
  if (typeof adapter === "string") return { missing: adapter };
  const limits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
  const features = [...adapter.features].sort();
  return { ...describeAdapter(adapter), limits, features } satisfies AdapterFacts;
}

/** What initBackend() does by itself. */
async function choose(): Promise<Choice> {
  try {
    const { backend, description, passedOver } = await initBackend();
    return { backend, description, passedOver };
  } catch (error) {
    return { backend: null, description: words(error), passedOver: [] };
  }
}

/** Starts a backend and looks at its kernels, beside those of cpu. */
async function backendFacts(
  name: BackendName,
  cpu: BackendFacts | undefined,
): Promise<BackendFacts> {
  let problem: string | null = null;
  let ownKernels: readonly string[] = [];
  try {
    ownKernels = (await initBackend(name)).kernels;
  } catch (error) {
    problem = words(error).replace(`Cannot start a backend. ${name}: `, "");
  }
  const kernels = new Set(tf.getKernelsForBackend(name).map(({ kernelName }) => kernelName));
  const all = cpu === undefined
    ? []
    : tf.getKernelsForBackend(cpu.name).map(({ kernelName }) => kernelName);
  const missingKernels = all.filter((kernel) => !kernels.has(kernel)).sort();
  return { name, problem, kernels: kernels.size, ownKernels, missingKernels };
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
