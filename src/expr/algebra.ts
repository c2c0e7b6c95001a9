/**
 * The operations that an update rule is written in. A rule is text over an abstract number `Num`
 * and an abstract condition `Cond`; what the two stand for is the carrier's business: float64
 * numbers (the oracle), float32-rounded numbers, tfjs tensors, or nodes of a program that a printer
 * turns into JavaScript, WebAssembly or WGSL.
 */
export interface Algebra<Num, Cond> {
  /**
   * How far an intermediate result may reach. The square of a float32 stays inside "double" but
   * may leave "single"; a rule reads this to guard its squares only where that is needed.
   */
  readonly range: Range;
  /** A literal number. */
  constant(value: number): Num;
  /** a + b */
  add(a: Num, b: Num): Num;
  /** a - b */
  sub(a: Num, b: Num): Num;
  /** a * b */
  mul(a: Num, b: Num): Num;
  /** a / b */
  div(a: Num, b: Num): Num;
  /** The smaller of both: `b < a ? b : a`, so that a NaN in `a` is kept. */
  min(a: Num, b: Num): Num;
  /** The larger of both: `a < b ? b : a`, so that a NaN in `a` is kept. */
  max(a: Num, b: Num): Num;
  /** a to the power b, for a >= 0. */
  pow(a: Num, b: Num): Num;
  /** Square root, for a >= 0. */
  sqrt(a: Num): Num;
  /** -1, 0 or 1; NaN stays NaN. */
  sign(a: Num): Num;
  /** a < b */
  less(a: Num, b: Num): Cond;
  /** a == b */
  equal(a: Num, b: Num): Cond;
  /** `yes` where the condition holds, else `no`; the other one is not looked at, NaN or not. */
  select(condition: Cond, yes: Num, no: Num): Num;
}

/**
 * The exponent range of a carrier's intermediate results: float64's or float32's.
 *
 * @internal
 */
export type Range = "double" | "single";

/** The largest finite float32, (2 - 2^-23) 2^127. */
export const FLOAT32_MAX = 3.4028234663852886e38;
