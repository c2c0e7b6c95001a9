import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { measureLevels } from "../src/diffusion/diagnostics/diffusion_report.ts";
import {
  type CheckedReport,
  checkReport,
  type DiffusionReportOptions,
  REPORT_OPTIONS,
} from "../src/diffusion/diagnostics/diffusion_report_options.ts";
import { checkedLater, optional } from "../src/options/options.ts";
import { flag, type OptionTable, resolveOptions, whole } from "../src/options/options.ts";
import {
  checkDiagnosticsState,
  type DiagnosticsRecord,
  type DiagnosticsState,
  plainBins,
} from "./diagnostics_record.ts";
import { ERD } from "./erd.ts";
import { pure } from "../src/pure.ts";
import { OwnCallback } from "../src/training/own_callback.ts";

/** Options of {@linkcode DiffusionDiagnostics}, beside those of `diffusionReport`. */
export interface DiffusionDiagnosticsOptions extends DiffusionReportOptions {
  /** The denoiser: the model that is fitted, or the one inside `erd.wrap(denoiser)`. */
  readonly denoiser: tfl.LayersModel;
  /** Clean data to look at, [n, ...], n >= 2; a few hundred samples. It must live as long as the callback. */
  readonly x0: tf.Tensor;
  /**
   * Record after every so many epochs, a whole number >= 1. The last epoch of a fit is always recorded.
   * @default 1
   */
  readonly every?: number;
  /**
   * Record the untrained denoiser as well, as epoch 0.
   * @default false
   */
  readonly initial?: boolean;
  /**
   * The ERD that weights the training: its weights in force stand in for `weight`, and its bins are
   * recorded too. Place this callback after it.
   * @default none
   */
  readonly erd?: ERD | null;
}

type Options = Required<DiffusionDiagnosticsOptions>;

const OPTIONS: OptionTable<Options> = /* @__PURE__ */ pure(() => ({
  ...REPORT_OPTIONS,
  denoiser: checkedLater(undefined as unknown as tfl.LayersModel),
  x0: checkedLater(undefined as unknown as tf.Tensor),
  every: whole(1, 1),
  initial: flag(false),
  erd: optional<ERD>("must be an ERD", (value) => value instanceof ERD),
}));

/**
 * Records a diffusion model's diagnostics (see `diffusionReport`) while it is fitted. It leaves the
 * training alone: the same seed gives the same weights, to the last bit, with it and without it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { adamf } from "@signalfit/tfjs";
 * import { DiffusionDiagnostics, ERD } from "@signalfit/tfjs/diffusion";
 *
 * const [x, t] = [tfl.input({ shape: [2] }), tfl.input({ shape: [1] })];
 * const outputs = tfl.layers.dense({ units: 2 }).apply(tfl.layers.concatenate().apply([x, t]));
 * const denoiser = tfl.model({ inputs: [x, t], outputs: outputs as tfl.SymbolicTensor });
 *
 * const process = { target: "v", path: "cosine" } as const, x0 = tf.randomNormal([64, 2]);
 * const erd = new ERD(process);
 * const diagnostics = new DiffusionDiagnostics({ ...process, denoiser, x0, erd, every: 2 });
 * const model = erd.wrap(denoiser);
 * model.compile({ optimizer: adamf(), loss: erd.loss });
 * const callbacks = [erd, diagnostics];
 * await model.fit(x0, erd.labels(x0), { epochs: 4, verbose: 0, callbacks });
 * console.assert(diagnostics.records.map(({ epoch }) => epoch).join() === "2,4");
 * ```
 */
export class DiffusionDiagnostics extends OwnCallback {
  readonly #options: Options;
  readonly #checked: CheckedReport;
  #records: DiagnosticsRecord[] = [];
  #epoch = 0;

  /**
   * Makes the callback; nothing is measured yet.
   *
   * @param options see {@linkcode DiffusionDiagnosticsOptions}; `denoiser`, `x0`, `target` and `path` must
   * be given
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   * @throws {Error} if the model is no denoiser, or has no such layer
   */
  constructor(options: DiffusionDiagnosticsOptions) {
    super();
    const owner = "DiffusionDiagnostics";
    const resolved = resolveOptions<Options>(owner, OPTIONS, options), { erd } = resolved;
    const { denoiser, x0 } = resolved;
    this.#checked = checkReport(`create ${owner}`, denoiser, x0, options, resolved);
    this.#options = erd ? { ...resolved, weight: (t) => erd.weightAt(t) } : resolved;
  }

  /** What was recorded, the first epoch first. */
  get records(): readonly DiagnosticsRecord[] {
    return this.#records;
  }

  /** Measures at once and adds to the records. `fit` does this. */
  async record(): Promise<DiagnosticsRecord> {
    const { denoiser, x0, erd } = this.#options;
    const levels = await measureLevels(denoiser, x0, this.#options, this.#checked);
    const record = { epoch: this.#epoch, levels, bins: erd && plainBins(erd.report()) };
    this.#records.push(record);
    return record;
  }

  /** The state as plain data for JSON. */
  getState(): DiagnosticsState {
    return structuredClone({
      format: "signalfit-diagnostics-1",
      epoch: this.#epoch,
      records: this.#records,
    });
  }

  /**
   * Replaces the state by a saved one, after which recording goes on.
   *
   * @throws {Error} if it is no such state
   */
  setState(state: DiagnosticsState): void {
    checkDiagnosticsState(state);
    const { epoch, records } = structuredClone(state);
    this.#epoch = epoch;
    this.#records = [...records];
  }

  /** Records the untrained denoiser, if asked to. `fit` calls it. */
  override async onTrainBegin(): Promise<void> {
    if (this.#options.initial && this.#epoch === 0 && this.#records.length === 0) {
      await this.record();
    }
  }

  /** Records after every so many epochs. `fit` calls it. */
  override async onEpochEnd(): Promise<void> {
    this.#epoch++;
    if (this.#epoch % this.#options.every === 0) await this.record();
  }

  /** Records the last epoch. `fit` calls it. */
  override async onTrainEnd(): Promise<void> {
    if (this.#epoch > 0 && this.#records.at(-1)?.epoch !== this.#epoch) await this.record();
  }
}
