import type { NoiseLevelReport } from "../src/diffusion/diagnostics/diffusion_report.ts";
import type { ERDReport } from "./erd.ts";

/** What an {@linkcode ERD} measured by bin, plain data for JSON; null where nothing was. */
export interface DiagnosticsBin {
  /** Middle of the bin, in [0, 1]. */
  readonly t: number;
  /** Training samples so far. */
  readonly count: number;
  /** Running mean of the raw loss. */
  readonly loss: number | null;
  /** Running mean of the target's variance. */
  readonly variance: number | null;
  /** Part of the target that the denoiser recovers, in [0, 1]. */
  readonly recoverability: number | null;
  /** Mean weight of the loss in force. */
  readonly weight: number | null;
}

/** What `DiffusionDiagnostics` records at the end of an epoch, plain data for JSON. */
export interface DiagnosticsRecord {
  /** Epochs trained so far. */
  readonly epoch: number;
  /** The noise levels, as `diffusionReport` gives them. */
  readonly levels: readonly NoiseLevelReport[];
  /** The report of the ERD, if there is one. */
  readonly bins: readonly DiagnosticsBin[] | null;
}

/** The state of a `DiffusionDiagnostics`, plain data for JSON. */
export interface DiagnosticsState {
  /** Tells it from the state of anything else. */
  readonly format: "signalfit-diagnostics-1";
  /** Epochs trained so far. */
  readonly epoch: number;
  /** What was recorded, the first epoch first. */
  readonly records: readonly DiagnosticsRecord[];
}

/** The bins of a report, with null for NaN. */
export function plainBins({ bins }: ERDReport): DiagnosticsBin[] {
  const known = (value: number): number | null => Number.isFinite(value) ? value : null;
  return bins.map(({ t, count, loss, variance, recoverability, weight }) => ({
    t,
    count,
    loss: known(loss),
    variance: known(variance),
    recoverability: known(recoverability),
    weight: known(weight),
  }));
}

/**
 * Checks a state before anything is changed.
 *
 * @throws {Error} naming the field, the rule and the value
 */
export function checkDiagnosticsState(state: DiagnosticsState): void {
  const refuse = (rule: string, value: unknown): never => {
    throw new Error(`Cannot restore DiffusionDiagnostics: ${rule}, got ${value}`);
  };
  if (state?.format !== "signalfit-diagnostics-1") {
    refuse('the format must be "signalfit-diagnostics-1"', state?.format);
  }
  const isEpoch = (value: unknown): boolean =>
    Number.isSafeInteger(value) && (value as number) >= 0;
  if (!isEpoch(state.epoch)) refuse("epoch must be a whole number >= 0", state.epoch);
  const isRecord = (record: DiagnosticsRecord): boolean =>
    isEpoch(record?.epoch) && Array.isArray(record.levels) &&
    record.levels.every(({ t }) => typeof t === "number");
  if (!(Array.isArray(state.records) && state.records.every(isRecord))) {
    refuse("records must be a list of { epoch, levels }", state.records);
  }
}
