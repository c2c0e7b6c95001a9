import type { NoiseLevel } from "../../src/diffusion/noise/level.ts";

/** Mean and variance of a normal distribution. */
export interface Normal {
  readonly mean: number;
  readonly variance: number;
}

/**
 * The distribution that a sampler with the exact denoiser reaches for normal data in one dimension: each
 * step is linear in x, so that x stays normal. In float64, from the samplers' definitions.
 *
 * @param at the path
 * @param times from noise to data; the last step goes to the estimate of the data
 */
export function sampledNormal(
  data: Normal,
  at: (t: number) => NoiseLevel,
  times: readonly number[],
  method: "ddim" | "ddpm" | "euler" | "heun",
  eta = 0,
): Normal {
  const estimate = (x: number, t: number): { x0: number; eps: number } => {
    const { alpha, sigma } = at(t), { mean, variance } = data;
    const total = alpha ** 2 * variance + sigma ** 2;
    const z = (x - alpha * mean) / total;
    return { x0: mean + alpha * variance * z, eps: sigma * z };
  };
  const slope = (x: number, t: number): number => {
    const { x0, eps } = estimate(x, t), { dAlpha, dSigma } = at(t);
    return dAlpha! * x0 + dSigma! * eps;
  };
  /** Standard deviation of the noise that is added, with the posterior's written out. */
  const added = (t: number, s: number): number => {
    if (method !== "ddpm" && method !== "ddim") return 0;
    const [a, b] = [at(t), at(s)];
    const transition = a.sigma ** 2 - (a.alpha / b.alpha) ** 2 * b.sigma ** 2;
    return (method === "ddpm" ? 1 : eta) * Math.sqrt(transition) * b.sigma / a.sigma;
  };
  const move = (x: number, t: number, s: number): number => {
    if (method === "euler") return x + (s - t) * slope(x, t);
    if (method === "heun") {
      const guess = x + (s - t) * slope(x, t);
      return x + (s - t) / 2 * (slope(x, t) + slope(guess, s));
    }
    const { x0, eps } = estimate(x, t), { alpha, sigma } = at(s);
    return alpha * x0 + Math.sqrt(Math.max(0, sigma ** 2 - added(t, s) ** 2)) * eps;
  };
  let mean = 0, variance = at(times[0]!).sigma ** 2;
  times.slice(0, -1).forEach((t, i) => {
    const s = times[i + 1]!, isLast = i === times.length - 2;
    const next = (x: number): number => isLast ? estimate(x, t).x0 : move(x, t, s);
    const offset = next(0), factor = next(1) - offset;
    mean = factor * mean + offset;
    variance = factor ** 2 * variance + (isLast ? 0 : added(t, s) ** 2);
  });
  return { mean, variance };
}
