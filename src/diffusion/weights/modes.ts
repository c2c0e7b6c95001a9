import { fail, listOf } from "../../options/check.ts";
import {
  checkWeighting,
  PLAIN_WEIGHTINGS,
  type Weighting,
  WEIGHTING_KINDS,
} from "./loss_weight.ts";

/** Modes of an `ERD` with a name; "closed" and "online" are by recoverability. */
export const ERD_MODES = [
  "closed",
  "online",
  "uniform",
  "debias",
  "min-snr",
  "p2",
  "snr",
  "inv-snr",
  "trunc-snr",
  "max-snr",
  "soft-min-snr",
  "min-debias",
  "max-debias",
] as const;

/** How the loss is weighted; see {@linkcode ERDOptions.mode}. */
export type ERDMode = typeof ERD_MODES[number] | Extract<Weighting, object>;

/**
 * The weighting behind a mode; that of the warm-up, if online.
 *
 * @throws {RangeError} if it is no mode, and {TypeError} for a field that there is not
 */
export function weightingOf(doing: string, mode: ERDMode): Weighting {
  if (typeof mode === "object" && mode !== null) {
    checkWeighting(mode, doing, "mode");
    return mode;
  }
  if (!ERD_MODES.includes(mode)) {
    const rule = `mode must be ${
      listOf(ERD_MODES)
    }, or one with options such as { kind: "min-snr", gamma: 5 }`;
    fail(doing, rule, mode);
  }
  if (mode === "closed" || mode === "online") return "recoverability";
  const kind = WEIGHTING_KINDS.find((kind) => kind === mode);
  return kind === undefined ? PLAIN_WEIGHTINGS.find((name) => name === mode)! : { kind };
}
