/** Rates that grow from the least to the greatest by the same factor each step. */
export function sweepRates(minRate: number, maxRate: number, steps: number): number[] {
  const growth = Math.log(maxRate / minRate) / (steps - 1);
  return Array.from({ length: steps }, (_, step) => {
    return step === steps - 1 ? maxRate : minRate * Math.exp(growth * step);
  });
}

/** How high losses count: as the highest of the first tenth of a sweep, however they explode later. */
export function startLevel(losses: readonly number[]): number {
  return Math.max(...losses.slice(0, Math.max(1, Math.ceil(losses.length / 10))));
}

/**
 * A mean around each loss, in which a loss weighs `smoothing` times as much as its neighbour that is
 * nearer: no lag, whichever way the losses go. Above the level of the start, they count as that.
 */
export function smoothed(losses: readonly number[], smoothing: number): number[] {
  const most = startLevel(losses), values = losses.map((loss) => Math.min(loss, most));
  const ahead = sums(values, smoothing), back = sums(values.toReversed(), smoothing).reverse();
  return values.map((value, i) => {
    const [a, b] = [ahead[i]!, back[i]!];
    return (a.sum + b.sum - value) / (a.weight + b.weight - 1);
  });
}

/** At each value, the sum of it and those before it, with weights that fall by a factor a step. */
function sums(values: readonly number[], keep: number): { sum: number; weight: number }[] {
  let sum = 0, weight = 0;
  return values.map((value) => {
    sum = keep * sum + value;
    weight = keep * weight + 1;
    return { sum, weight };
  });
}

/** Tells when losses explode: no number, or a running mean far above its least. */
export class DivergenceWatch {
  #sum = 0;
  #weight = 0;
  #least = Infinity;

  /**
   * @param smoothing what the running mean keeps a step, in [0, 1)
   * @param divergence how many times the size of the least mean is too far above it, plus 1
   */
  constructor(readonly smoothing: number, readonly divergence: number) {}

  /** Takes the next loss; whether it has exploded. */
  see(loss: number): boolean {
    if (!Number.isFinite(loss)) return true;
    this.#sum = this.smoothing * this.#sum + loss;
    this.#weight = this.smoothing * this.#weight + 1;
    const mean = this.#sum / this.#weight;
    this.#least = Math.min(this.#least, mean);
    return mean > this.#least + (this.divergence - 1) * Math.abs(this.#least);
  }
}

/** Rates that a sweep suggests; null where the loss never fell. */
export interface Suggestions {
  /** Where the loss falls most steeply, over the logarithm of the rate. */
  readonly steepest: number | null;
  /** The middle of the stretch over which the loss falls, from 5 % to 95 % of its fall. */
  readonly valley: number | null;
  /** A tenth of the rate of the least loss. */
  readonly minimum: number | null;
}

/**
 * Reads rates off a sweep. The first tenth of the steps, where nothing is learned yet, is no place for
 * the steepest descent.
 */
export function suggestRates(rates: readonly number[], losses: readonly number[]): Suggestions {
  const least = losses.indexOf(Math.min(...losses));
  if (least < 1) return { steepest: null, valley: null, minimum: null };
  let steepest = null, slope = 0;
  for (let i = Math.max(1, Math.ceil(losses.length / 10)); i < least; i++) {
    const rise = losses[i + 1]! - losses[i - 1]!;
    if (rise < slope) [steepest, slope] = [rates[i]!, rise];
  }
  return { steepest, valley: rates[valleyMiddle(losses, least)]!, minimum: rates[least]! / 10 };
}

/** The middle between the last step before 5 % of the whole fall and the first one after 95 %. */
function valleyMiddle(losses: readonly number[], least: number): number {
  const bottom = losses[least]!, top = Math.max(...losses.slice(0, least));
  const before = losses.slice(0, least).findLastIndex((loss) => loss > top - 0.05 * (top - bottom));
  const after = losses.findIndex((loss, i) => i > before && loss <= bottom + 0.05 * (top - bottom));
  return Math.round((before + after) / 2);
}
