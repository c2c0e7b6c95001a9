/** A number with thousands apart, such as 12,345. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** A number in three digits, such as 0.0123. */
export function fixed(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** A number without needless digits, such as 0.5. */
export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A share as a percentage, such as 87.5 %. */
export function percent(value: number): string {
  return Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : "–";
}
