import { oneOf, type OptionSpec } from "../options/options.ts";

/** Whether less of what is watched is better, or more. */
export type MonitorMode = "auto" | "min" | "max";

/** Names that "auto" takes for those of which more is better. */
const UP = /acc|auc|precision|recall|f1|fmeasure/i;

/** The option that names what is watched. */
export const monitorName = (fallback: string): OptionSpec<string> => ({
  fallback,
  rule: 'must be a name such as "val_loss"',
  accepts: (value) => typeof value === "string" && value !== "",
});

/** The option that tells which way is better. */
export const monitorMode: OptionSpec<MonitorMode> = /* @__PURE__ */ oneOf("auto", "min", "max");

/** Whether a value is better than the best so far, by more than `minDelta`. NaN never is. */
export function isBetter(
  value: number,
  best: number | null,
  { monitor, mode, minDelta }: { monitor: string; mode: MonitorMode; minDelta: number },
): boolean {
  if (Number.isNaN(value)) return false;
  if (best === null) return true;
  const more = mode === "max" || (mode === "auto" && UP.test(monitor));
  return more ? value - minDelta > best : value + minDelta < best;
}
