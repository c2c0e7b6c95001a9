import { samplingDisagreement } from "../src/diffusion/diagnostics/sampling_disagreement.ts";
import type { TimeDistribution } from "../src/diffusion/times/time_distribution.ts";

/** Number of times that are looked at. */
const ENOUGH = 512;

/** Warns, once, where times of one's own do not follow the distribution that weights assume. */
export class SamplingCheck {
  readonly #assumed: TimeDistribution;
  #times: number[] = [];
  #done = false;

  constructor(assumed: TimeDistribution) {
    this.#assumed = assumed;
  }

  /** Takes in times that were used. */
  see(times: ArrayLike<number>): void {
    if (this.#done) return;
    this.#times.push(...Array.from(times));
    if (this.#times.length < ENOUGH) return;
    const { disagrees, statistic, count } = samplingDisagreement(this.#assumed, this.#times);
    this.#times = [];
    this.#done = true;
    if (!disagrees) return;
    console.warn(
      `ERD: the times given to erd.pack do not follow the option "distribution", under which the ` +
        `weights have mean 1 (largest distance of the distribution functions ` +
        `${statistic.toFixed(3)} over ${count} times). Give ERD the distribution that you sample.`,
    );
  }
}
