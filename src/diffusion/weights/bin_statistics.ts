/** What is measured of one sample: its raw loss, its target's variance, and at which time. */
export interface Measurement {
  readonly t: number;
  readonly loss: number;
  readonly variance: number;
}

/** Options of {@linkcode BinStatistics}, all checked by who makes them. */
export interface BinStatisticsOptions {
  /** Number of bins of equal width on [0, 1]. */
  readonly bins: number;
  /** What a batch keeps of the sums before it, in (0, 1). */
  readonly decay: number;
  /** Losses count at most this many times their bin's running mean, > 1 or Infinity. */
  readonly winsorize: number;
  /** Samples (those of earlier batches decayed) below which a bin is thin. */
  readonly minSamples: number;
}

/** Running means of one bin; NaN where nothing was measured. */
export interface BinMeans {
  /** Samples in all. */
  readonly count: number;
  /** Whether too few of them are left to go by. */
  readonly thin: boolean;
  readonly loss: number;
  readonly variance: number;
  /** `1 - loss / variance`, cut to [0, 1]. */
  readonly recoverability: number;
}

/** The largest rounding error of a time in float32. */
const ROUNDING = 2 ** -24;

/** The sums as plain arrays of one number a bin. */
export interface BinSums {
  /** Samples in all. */
  count: number[];
  /** Samples, those of earlier batches decayed. */
  weight: number[];
  /** Sum of their raw losses, decayed alike. */
  loss: number[];
  /** Sum of their targets' variances, decayed alike. */
  variance: number[];
}

/**
 * Part of the target's variance that a bin's mean loss is taken for at least, when losses are cut. At the
 * default, losses below four times the variance are left alone: a network that knows nothing shows them,
 * and so does the best one where data are told apart well but for a few.
 */
const LEAST = 1 / 2;

/**
 * Raw loss and target variance by noise level: for each bin of t a mean in which a sample of k batches
 * ago weighs `decay^k`. Sums and their weights decay alike, so that the means are free of the bias of
 * an average that starts at 0, and a partial batch weighs as many samples as it has.
 *
 * Outliers are winsorized: a loss counts at most `winsorize` times its bin's mean before the batch, or
 * half the mean variance if that is more or the bin is thin. So is the target's variance, which keeps
 * their ratio right where both have a long tail. Samples that are not finite do not count.
 */
export class BinStatistics {
  readonly #options: BinStatisticsOptions;
  #sums: BinSums;

  constructor(options: BinStatisticsOptions) {
    this.#options = options;
    const zeros = (): number[] => new Array<number>(options.bins).fill(0);
    this.#sums = { count: zeros(), weight: zeros(), loss: zeros(), variance: zeros() };
  }

  /** Takes in the samples of one batch. */
  observe(batch: readonly Measurement[]): void {
    const { decay, winsorize, minSamples } = this.#options;
    const { count, weight, loss, variance } = this.#sums;
    const before = weight.map((w, b) => ({
      thick: w >= minSamples,
      loss: loss[b]! / w,
      variance: variance[b]! / w,
    }));
    for (const sums of [weight, loss, variance]) sums.forEach((sum, b) => sums[b] = sum * decay);
    const samples = batch.filter((sample) => Number.isFinite(sample.loss + sample.variance))
      .map((sample) => ({ ...sample, bin: this.binOf(sample.t) }));
    for (const sample of samples) {
      const { thick, variance: mean } = before[sample.bin]!;
      count[sample.bin]!++;
      weight[sample.bin]!++;
      variance[sample.bin]! += Math.min(sample.variance, thick ? winsorize * mean : Infinity);
    }
    for (const { bin, loss: value } of samples) {
      const mean = variance[bin]! / weight[bin]!;
      const scale = Math.max(before[bin]!.thick ? before[bin]!.loss : 0, LEAST * mean);
      loss[bin]! += Math.min(value, winsorize * scale);
    }
  }

  /** Counts samples of which only the times are known. */
  count(times: ArrayLike<number>): void {
    for (let i = 0; i < times.length; i++) this.#sums.count[this.binOf(times[i]!)]!++;
  }

  /**
   * The bin of a time. An upper edge belongs to its bin, as the times of a discrete schedule end at 1;
   * so does a time that float32 has rounded to just above it.
   */
  binOf(t: number): number {
    const { bins } = this.#options;
    return Math.min(bins - 1, Math.max(0, Math.ceil((t - ROUNDING) * bins) - 1));
  }

  /** The means of all bins. */
  means(): BinMeans[] {
    const { count, weight, loss, variance } = this.#sums;
    return count.map((samples, b) => {
      const [l, v] = [loss[b]! / weight[b]!, variance[b]! / weight[b]!];
      const recoverability = v === 0 ? 0 : Math.min(1, Math.max(0, 1 - l / v));
      const thin = !(weight[b]! >= this.#options.minSamples && Number.isFinite(recoverability));
      return { count: samples, thin, loss: l, variance: v, recoverability };
    });
  }

  /** A copy of all sums. */
  sums(): BinSums {
    return structuredClone(this.#sums);
  }

  /** A copy that goes its own way. */
  clone(): BinStatistics {
    const copy = new BinStatistics(this.#options);
    copy.restore(this.#sums);
    return copy;
  }

  /** Takes over sums of {@linkcode sums}; of the right length. */
  restore(sums: BinSums): void {
    this.#sums = structuredClone(sums);
  }
}
