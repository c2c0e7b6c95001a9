import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { nearest } from "../options/nearest.ts";
import { describeAdapter, findAdapter } from "./adapter.ts";
import { missingKernels, whyNotTrainable } from "./training_kernels.ts";

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
  /**
   * A model to be trained: a backend is chosen only if a pass over a batch of two zeros runs there.
   * Nothing of the model is read but its shapes. Its weights are made on the backend that is current
   * when it is built, so build it after a backend was started, where you can.
   */
  model?: LayersModel;
  /** Names of tfjs kernels that must be there, such as "Conv2DBackpropFilter". */
  needs?: readonly string[];
  /**
   * Whether tfjs gets this library's kernels for training, most of them on wasm, see
   * {@link installTrainingKernels}. `false` does not take away those that are installed.
   * @default true
   */
  kernels?: boolean;
}

/** What {@link initBackend} did, and why. */
export interface BackendReport {
  /** The backend that is current now. */
  readonly backend: BackendName;
  /** What it runs on, such as the name of the graphics adapter. */
  readonly description: string;
  /** Whether "webgpu" runs on a software adapter, a driver that computes on the processor. */
  readonly software: boolean;
  /** Names of this library's kernels for training that it has got, see {@link installTrainingKernels}. */
  readonly kernels: readonly string[];
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
 * adapter, else wasm, else cpu. On wasm it installs the kernels for training that tfjs lacks there.
 * With a model, only a backend that can train it is chosen.
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
  const { backends, model, needs = [], kernels = true } = typeof options === "string"
    ? { backends: [options] } satisfies InitBackendOptions
    : options;
  const wanted = checked(backends ?? DEFAULT);
  const before = tf.getBackend();
  const passedOver: { backend: BackendName; reason: string }[] = [];
  for (const backend of wanted) {
    const outcome = await start(backend, { needs, kernels, named: backends !== undefined });
    const reason = typeof outcome === "string"
      ? outcome
      : model === undefined
      ? undefined
      : whyNotTrainable(model);
    if (reason === undefined) return new Report(backend, outcome as Started, passedOver);
    passedOver.push({ backend, reason });
  }
  if (before && before !== tf.getBackend()) await tf.setBackend(before);
  const reasons = passedOver.map(({ backend, reason }) => `${backend}: ${reason}`);
  throw new Error(`Cannot start a backend. ${reasons.join(". ")}`);
}

interface Started {
  readonly description: string;
  readonly software: boolean;
  readonly kernels: readonly string[];
}

/** Starts a backend, or tells why it cannot be used. */
async function start(
  backend: BackendName,
  { needs, kernels, named }: { needs: readonly string[]; kernels: boolean; named: boolean },
): Promise<Started | string> {
  let started: Started = { description: "JavaScript", software: false, kernels: [] };
  if (backend === "webgpu") {
    const adapter = await findAdapter();
    if (typeof adapter === "string") return adapter;
    started = { ...started, ...describeAdapter(adapter) };
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
  if (kernels) {
    const { installTrainingKernels } = await import("../kernels/install.ts");
    const installed = installTrainingKernels();
    started = { ...started, kernels: backend === "webgpu" ? [] : installed[backend] };
  }
  const missing = missingKernels(needs, backend);
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
  readonly kernels: readonly string[];

  constructor(
    readonly backend: BackendName,
    { description, software, kernels }: Started,
    readonly passedOver: readonly { backend: BackendName; reason: string }[],
  ) {
    this.description = description;
    this.software = software;
    this.kernels = kernels;
  }

  toString(): string {
    const kind = this.software ? ", a software adapter" : "";
    return [
      `${this.backend} (${this.description}${kind})`,
      ...this.passedOver.map(({ backend, reason }) => `passed over: ${backend}, ${reason}`),
      ...this.kernels.length === 0 ? [] : [`kernels for training: ${this.kernels.length}`],
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
