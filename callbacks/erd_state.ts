import type { BinSums } from "../src/diffusion/weights/bin_statistics.ts";
import { ROW_COLUMNS } from "../src/diffusion/training/training_layers.ts";

/** The state of an {@linkcode ERD}, plain data for JSON. */
export interface ERDState {
  readonly format: "signalfit-erd-1";
  /** Number of bins. */
  readonly bins: number;
  /** Training batches so far, and when the measurements were read last. */
  readonly step: number;
  readonly readStep: number;
  /** Training batches drawn so far. */
  readonly draws: number;
  /** The running sums, one number a bin each. */
  readonly sums: BinSums;
  /** Batches that wait to be taken in. */
  readonly pending: readonly { readonly rows: readonly number[]; readonly packed: boolean }[];
}

/**
 * Checks a state before anything is changed.
 *
 * @throws {Error} naming the field, the rule and the value
 */
export function checkERDState(state: ERDState, bins: number): void {
  const refuse = (rule: string, value: unknown): never => {
    throw new Error(`Cannot restore ERD: ${rule}, got ${value}`);
  };
  if (state?.format !== "signalfit-erd-1") {
    refuse('the format must be "signalfit-erd-1"', state?.format);
  }
  if (state.bins !== bins) refuse(`bins must be ${bins}, as in this ERD`, state.bins);
  for (const name of ["step", "readStep", "draws"] as const) {
    const value = state[name];
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      refuse(`${name} must be a whole number >= 0`, value);
    }
  }
  for (const name of ["count", "weight", "loss", "variance"] as const) {
    const sums = state.sums?.[name];
    if (!(Array.isArray(sums) && sums.length === bins && sums.every(Number.isFinite))) {
      refuse(`sums.${name} must be ${bins} finite numbers`, sums);
    }
  }
  const isRows = (rows: unknown): boolean =>
    Array.isArray(rows) && rows.length % ROW_COLUMNS === 0 &&
    rows.every((value) => typeof value === "number" || value === null);
  if (!(Array.isArray(state.pending) && state.pending.every(({ rows }) => isRows(rows)))) {
    refuse(
      `pending must be a list of { rows } with ${ROW_COLUMNS} numbers a sample`,
      state.pending,
    );
  }
}
