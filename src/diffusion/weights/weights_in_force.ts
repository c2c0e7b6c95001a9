import { fail } from "../../options/check.ts";
import type { DiffusionProcess } from "../noise/process.ts";
import { type MeasuredBins, measuredWeight } from "./measured_weight.ts";
import { type Target, targetCoefficients } from "../noise/target.ts";
import type { TimePlan } from "../times/time_plan.ts";
import { lossWeight, type LossWeightOptions, type Weighting } from "./loss_weight.ts";

/** What {@linkcode WeightsInForce} needs, all checked by who makes it. */
export interface WeightsInForceOptions extends LossWeightOptions {
  readonly process: DiffusionProcess;
  readonly plan: TimePlan;
  readonly target: Target;
  readonly weighting: Weighting;
  /** Whether the mean weight is 1, or that of the bare formula. */
  readonly normalize: boolean;
  /** Number of cells of the table, where time is continuous. */
  readonly cells: number;
}

/** What a loss on the device looks up by t. */
export interface CellTable {
  /** Number of cells. */
  readonly cells: number;
  /** Cell i holds the times t with floor(t cells - shift) = i. */
  readonly shift: number;
  /** For each cell the weight of the loss, and the target's factor of the data, c_x. */
  readonly values: Float32Array;
}

/** The weight of the loss at each time: a formula, or what measurements have made of it. */
export class WeightsInForce {
  readonly #plan: TimePlan;
  readonly #closed: (t: number) => number;
  /** The mean of the weights in force. */
  readonly #mean: number;
  /** Times, one a cell of the table, and the target's factors of the data there. */
  readonly #cells: readonly number[];
  readonly #factors: readonly number[];
  readonly #shift: number;
  #weight: (t: number) => number;
  /** The table of the weights in force, once it has been asked for. */
  #table: CellTable | undefined;

  /** @throws {RangeError} if the target does not exist on the path, or all weights are 0 */
  constructor(doing: string, options: WeightsInForceOptions) {
    const { process, plan, target, weighting, normalize, snrZero, maxWeight } = options;
    const { timesteps } = process;
    if (target === "flow" && timesteps !== undefined) {
      fail(doing, 'target "flow" needs a path with derivatives, which a schedule lacks', target);
    }
    const factorAt = (t: number): number => targetCoefficients(target, process.at(t)).x0;
    for (const { t } of plan.nodes) factorAt(t);
    const limits = {
      ...snrZero === undefined ? {} : { snrZero },
      ...maxWeight === undefined ? {} : { maxWeight },
    };
    const bare = (t: number): number => lossWeight(weighting, target, process.at(t), limits);
    const mean = plan.mean(bare);
    if (!(mean > 0)) fail(doing, "the mean weight must be > 0", mean);
    this.#plan = plan;
    this.#closed = (t) => bare(t) / mean;
    this.#mean = normalize ? 1 : mean;
    this.#weight = this.#closed;
    const count = timesteps ?? options.cells, place = timesteps === undefined ? 0.5 : 1;
    this.#cells = Array.from({ length: count }, (_, i) => (i + place) / count);
    this.#factors = this.#cells.map(factorAt);
    this.#shift = timesteps === undefined ? 0 : 0.5;
  }

  /** The weight in force at a time. */
  at(t: number): number {
    return this.#weight(t) * this.#mean;
  }

  /** The mean weight of each bin; NaN for one that no time falls into. */
  byBin(bins: number, binOf: (t: number) => number): Float64Array {
    const weights = new Float64Array(bins), likely = new Float64Array(bins);
    for (const { t, probability } of this.#plan.nodes) {
      likely[binOf(t)]! += probability;
      weights[binOf(t)]! += probability * this.at(t);
    }
    return weights.map((weight, b) => weight / likely[b]!);
  }

  /** The weights in force and the target's factors of the data, to be looked up by t on the device. */
  table(): CellTable {
    if (this.#table !== undefined) return this.#table;
    const values = new Float32Array(2 * this.#cells.length);
    for (const [i, t] of this.#cells.entries()) values.set([this.at(t), this.#factors[i]!], 2 * i);
    return this.#table = { cells: this.#cells.length, shift: this.#shift, values };
  }

  /** Lets the weights follow measurements. */
  follow(measured: MeasuredBins): void {
    this.#table = undefined;
    this.#weight = measuredWeight(this.#closed, this.#plan.nodes, measured);
  }
}
