/** A Gaussian mixture with isotropic components, in one or two dimensions. */
export interface Mixture {
  /** Weights of the components; they add up to 1. */
  readonly pi: readonly number[];
  /** Means, one row of d numbers a component. */
  readonly mu: readonly (readonly number[])[];
  /** Standard deviations of the components. */
  readonly std: readonly number[];
}

/** Grid step in units of the narrowest component, and reach of the grid in units of each. */
const STEP = 1 / 8, REACH = 12;

/** Variance of the data per dimension, tr Cov(x0) / d. */
export function mixtureVariance({ pi, mu, std }: Mixture): number {
  const d = mu[0]!.length;
  let second = 0;
  const mean = new Array<number>(d).fill(0);
  for (const [k, p] of pi.entries()) {
    second += p * (d * std[k]! ** 2 + mu[k]!.reduce((sum, m) => sum + m * m, 0));
    for (let j = 0; j < d; j++) mean[j]! += p * mu[k]![j]!;
  }
  return (second - mean.reduce((sum, m) => sum + m * m, 0)) / d;
}

/**
 * E tr Cov(x0 | x_t) / d of a mixture, x_t = alpha x0 + sigma eps, sigma > 0.
 *
 * Given x_t, x0 is again a mixture, with responsibilities r_k, means m_k and variances v_k, so that
 * tr Cov / d = sum_k r_k v_k + (sum_k r_k |m_k|^2 - |sum_k r_k m_k|^2) / d. Its mean over x_t is a sum
 * over an even grid, which for a sum of Gaussians converges faster than any power of the step.
 */
export function mixtureMmse(mixture: Mixture, alpha: number, sigma: number): number {
  const d = mixture.mu[0]!.length;
  const components = mixture.pi.map((pi, k) => {
    const l = mixture.std[k]! ** 2, s = alpha * alpha * l + sigma * sigma;
    const mu = mixture.mu[k]!;
    return { pi, l, s, mu, gain: alpha * l / s, variance: l * sigma * sigma / s };
  });
  const axes = Array.from({ length: d }, (_, j) => {
    const ends = components.map(({ mu, s }) => [alpha * mu[j]!, REACH * Math.sqrt(s)] as const);
    const low = Math.min(...ends.map(([at, reach]) => at - reach));
    const high = Math.max(...ends.map(([at, reach]) => at + reach));
    const step = STEP * Math.sqrt(Math.min(...components.map(({ s }) => s)));
    return {
      step,
      grid: Array.from({ length: Math.ceil((high - low) / step) }, (_, i) => low + i * step),
    };
  });
  const cell = axes.reduce((product, { step }) => product * step, 1);
  let within = 0, between = 0;
  for (const { pi, variance } of components) within += pi * variance;
  const visit = (x: readonly number[]): void => {
    if (x.length < d) {
      for (const value of axes[x.length]!.grid) visit([...x, value]);
      return;
    }
    let density = 0, square = 0;
    const mean = new Array<number>(d).fill(0);
    for (const { pi, s, mu, gain } of components) {
      let distance = 0;
      for (let j = 0; j < d; j++) distance += (x[j]! - alpha * mu[j]!) ** 2;
      const p = pi * Math.exp(-distance / (2 * s)) * (2 * Math.PI * s) ** (-d / 2);
      density += p;
      for (let j = 0; j < d; j++) {
        const m = mu[j]! + gain * (x[j]! - alpha * mu[j]!);
        square += p * m * m;
        mean[j]! += p * m;
      }
    }
    if (density > 0) between += square - mean.reduce((sum, m) => sum + m * m, 0) / density;
  };
  visit([]);
  return within + between * cell / d;
}
