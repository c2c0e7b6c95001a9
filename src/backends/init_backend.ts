import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { nearest } from "../optimizers/nearest.ts";
import { describeAdapter, findAdapter } from "./adapter.ts";
import { missingKernels, trainingKernels } from "./training_kernels.ts";

/** The backends that {@link initBackend} can start. */
export type BackendName = "webgpu" | "wasm" | "cpu";

/** Options of {@link initBackend}. */
export interface InitBackendOptions {
  /**
   * The backends to try, in this order. One that is named here may also be "webgpu" on a software
   * adapter, which is passed over otherwise.
   * @default webgpu on a hardware adapter, then wasm, then cpu
   */
  backends?: readonly BackendName[];
  /** A model to be trained: only a backend that has every kernel this needs is chosen. */
  model?: LayersModel;
  /** Names of tfjs kernels that must be there, such as "Conv2DBackpropFilter". */
  kernels?: readonly string[];
}

/** What {@link initBackend} did, and why. */
export interface BackendReport {
  /** The backend that is current now. */
  readonly backend: BackendName;
  /** What it runs on, such as the name of the graphics adapter. */
  readonly description: string;
  /** Whether "webgpu" runs on a software adapter, a driver that computes on the processor. */
  readonly software: boolean;
  /** The backends that came before it, and why each was passed over. */
  readonly passedOver: readonly { readonly backend: BackendName; readonly reason: string }[];
  /** All of it, for people to read. */
  toString(): string;
}

const DEFAULT: readonly BackendName[] = ["webgpu", "wasm", "cpu"];

/** How each backend's package is loaded: only when it is wanted. */
const PACKAGES: Readonly<Record<BackendName, () => Promise<unknown>>> = {
  webgpu: () => import("@tensorflow/tfjs-backend-webgpu"),
  wasm: () => import("@tensorflow/tfjs-backend-wasm"),
  cpu: () => import("@tensorflow/tfjs-backend-cpu"),
};

/**
 * Starts the fastest backend that can do the job and makes it the current one: webgpu on a hardware
 * adapter, else wasm, else cpu. With a model, only one that has all kernels its training needs: wasm,
 * for one, cannot train convolutions.
 *
 * @example
 * ```ts
 * import { initBackend } from "@signalfit/tfjs";
 *
 * const report = await initBackend();
 * console.log(String(report)); // such as: wasm (WebAssembly with SIMD); passed over: webgpu, …
 * ```
 *
 * @param options a backend's name, or what to choose from and for
 * @returns what was chosen, and why each other one was passed over
 * @throws {Error} if none of the wanted backends can be used, with the reason for each
 */
export async function initBackend(
  options: BackendName | InitBackendOptions = {},
): Promise<BackendReport> {
  const { backends, model, kernels = [] } = typeof options === "string"
    ? { backends: [options] } satisfies InitBackendOptions
    : options;
  const wanted = checked(backends ?? DEFAULT);
  const needed = new Set(kernels);
  if (model !== undefined) {
    await PACKAGES.cpu();
    await tf.setBackend("cpu");
    for (const kernel of await trainingKernels(model)) needed.add(kernel);
  }
  const passedOver: { backend: BackendName; reason: string }[] = [];
  for (const backend of wanted) {
    const outcome = await start(backend, [...needed], backends !== undefined);
    if (typeof outcome !== "string") return new Report(backend, outcome, passedOver);
    passedOver.push({ backend, reason: outcome });
  }
  const reasons = passedOver.map(({ backend, reason }) => `${backend}: ${reason}`);
  throw new Error(`Cannot start a backend. ${reasons.join(". ")}`);
}

interface Started {
  readonly description: string;
  readonly software: boolean;
}

/** Starts a backend, or tells why it cannot be used. */
async function start(
  backend: BackendName,
  kernels: readonly string[],
  named: boolean,
): Promise<Started | string> {
  let started: Started = { description: "JavaScript", software: false };
  if (backend === "webgpu") {
    const adapter = await findAdapter();
    if (typeof adapter === "string") return adapter;
    started = describeAdapter(adapter);
    if (started.software && !named) {
      return `${started.description} is a software adapter, slower than wasm; ask for "webgpu" by ` +
        `name to use it all the same`;
    }
  }
  try {
    await PACKAGES[backend]();
  } catch (error) {
    return `its package cannot be loaded (${message(error)})`;
  }
  const missing = missingKernels(kernels, backend);
  if (missing.length > 0) {
    const list = missing.join(", ");
    return `it lacks ${
      missing.length === 1 ? "the kernel" : "kernels"
    } that training needs: ${list}`;
  }
  try {
    if (!await tf.setBackend(backend)) {
      return `tfjs could not start it${backend === "wasm" ? READ : ""}`;
    }
    await tf.ready();
  } catch (error) {
    return `it did not start (${message(error)})${backend === "wasm" ? READ : ""}`;
  }
  if (backend !== "wasm") return started;
  const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
  return { ...started, description: simd ? "WebAssembly with SIMD" : "WebAssembly without SIMD" };
}

class Report implements BackendReport {
  readonly description: string;
  readonly software: boolean;

  constructor(
    readonly backend: BackendName,
    { description, software }: Started,
    readonly passedOver: readonly { backend: BackendName; reason: string }[],
  ) {
    this.description = description;
    this.software = software;
  }

  toString(): string {
    const kind = this.software ? ", a software adapter" : "";
    return [
      `${this.backend} (${this.description}${kind})`,
      ...this.passedOver.map(({ backend, reason }) => `passed over: ${backend}, ${reason}`),
    ].join("\n  ");
  }
}

function checked(backends: readonly BackendName[]): readonly BackendName[] {
  if (backends.length === 0) {
    throw new RangeError("Cannot start a backend: backends must not be empty");
  }
  for (const backend of backends) {
    if (Object.hasOwn(PACKAGES, backend)) continue;
    const near = nearest(String(backend), DEFAULT);
    throw new RangeError(
      `Cannot start a backend: backends must be among "webgpu", "wasm", "cpu", got "${backend}"` +
        (near === undefined ? "" : `; did you mean "${near}"?`),
    );
  }
  return backends;
}

function message(error: unknown): string {
  const text = error instanceof Error
    ? error.message
    : (error as { message?: string })?.message ?? String(error);
  return text.split("\n")[0]!.trim();
}

/** What wasm needs where files are read by permission. */
const READ = "; in Deno, run with --allow-read, for the .wasm files in its cache";
