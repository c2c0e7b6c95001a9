// The update rules as one writes them by hand for one array: the formulas of the papers, without any
// care for overflow or for divisors of 0. The new parameter goes to `out`; the state changes in place.

/** Hyper-parameters of the filter's optimizers. */
export interface FilterSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** State of one parameter array; SGDF has no use for v. */
export interface FilterState {
  readonly m: Float32Array;
  readonly s: Float32Array;
  readonly v: Float32Array;
}

/** SGDF with gamma 0.5, step counted from 1; `out` may be `param` itself. */
export function sgdfStep(
  { learningRate, beta1, beta2, epsilon }: FilterSettings,
  step: number,
  param: Float32Array,
  grad: Float32Array,
  { m, s }: FilterState,
  out: Float32Array,
): void {
  const meanCorrection = 1 / (1 - beta1 ** step);
  const varianceCorrection = (1 - beta1) * (1 - beta1 ** (2 * step)) /
    ((1 + beta1) * (1 - beta2 ** step));
  for (let i = 0; i < param.length; i++) {
    const g = grad[i]!;
    const mean = beta1 * m[i]! + (1 - beta1) * g;
    const deviation = g - mean;
    const variance = beta2 * s[i]! + (1 - beta2) * deviation * deviation;
    const mhat = mean * meanCorrection;
    const shat = variance * varianceCorrection;
    const innovation = g - mhat;
    const gain = shat / (shat + innovation * innovation + epsilon);
    out[i] = param[i]! - learningRate * (mhat + Math.sqrt(gain) * innovation);
    m[i] = mean;
    s[i] = variance;
  }
}

/** AdamF with gamma 0.5, step counted from 1; `out` may be `param` itself. */
export function adamfStep(
  { learningRate, beta1, beta2, epsilon }: FilterSettings,
  step: number,
  param: Float32Array,
  grad: Float32Array,
  { m, s, v }: FilterState,
  out: Float32Array,
): void {
  const meanCorrection = 1 / (1 - beta1 ** step);
  const varianceCorrection = (1 - beta1) * (1 - beta1 ** (2 * step)) /
    ((1 + beta1) * (1 - beta2 ** step));
  const rootCorrection = 1 / Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < param.length; i++) {
    const g = grad[i]!;
    const mean = beta1 * m[i]! + (1 - beta1) * g;
    const deviation = g - mean;
    const variance = beta2 * s[i]! + (1 - beta2) * deviation * deviation;
    const mhat = mean * meanCorrection;
    const shat = variance * varianceCorrection;
    const innovation = g - mhat;
    const gain = shat / (shat + innovation * innovation + epsilon);
    const estimate = mhat + Math.sqrt(gain) * innovation;
    const square = beta2 * v[i]! + (1 - beta2) * g * g;
    out[i] = param[i]! - learningRate * estimate / (Math.sqrt(square) * rootCorrection + epsilon);
    m[i] = mean;
    s[i] = variance;
    v[i] = square;
  }
}
