import * as tfl from "@tensorflow/tfjs-layers";
import type { Outcome, Snapshot } from "./outcome.ts";
import type { WeightingName } from "./settings.ts";

/** What an {@link Observer} needs. */
export interface ObserverOptions {
  readonly weighting: WeightingName;
  /** Steps done at the end of an epoch. */
  readonly endOf: (epoch: number) => number;
  /** Draws samples and measures. */
  readonly look: () => Promise<Omit<Snapshot, "step">>;
  /** Weight of the loss in force at a noise level. */
  readonly weightAt: (t: number) => number;
  /** Called with each snapshot. */
  readonly onSnapshot: (snapshot: Snapshot) => void;
}

/** Noise levels at which the weight is noted. */
const WEIGHT_POINTS = 64;

/** Notes what comes of a run, a snapshot at the end of each epoch; a checkpoint keeps it. */
export class Observer extends tfl.Callback {
  readonly #options: ObserverOptions;
  #outcome: Outcome;
  /** When what is under way began. */
  #began = 0;

  constructor(options: ObserverOptions) {
    super();
    this.#options = options;
    const seconds = { training: 0, looking: 0 };
    const { weighting } = options;
    this.#outcome = { weighting, step: 0, snapshots: [], weights: [], seconds };
  }

  /** What came of the run so far. */
  get outcome(): Outcome {
    return this.#outcome;
  }

  getState(): Outcome {
    this.#spend("training");
    return this.#outcome;
  }

  setState(outcome: Outcome): void {
    // JSON has no NaN, which losses may have become.
    this.#outcome = JSON.parse(JSON.stringify(outcome), (_, value) => value ?? NaN);
    this.#began = performance.now();
  }

  override onTrainBegin(): Promise<void> {
    this.#began = performance.now();
    return Promise.resolve();
  }

  override onBatchEnd(): Promise<void> {
    this.#outcome = { ...this.#outcome, step: this.#outcome.step + 1 };
    return Promise.resolve();
  }

  override async onEpochEnd(epoch: number): Promise<void> {
    const { step, snapshots } = this.#outcome, { endOf, look, weightAt } = this.#options;
    if (step < endOf(epoch)) return; // stopped before
    this.#spend("training");
    const snapshot = { step, ...await look() };
    const weights = Array.from({ length: WEIGHT_POINTS }, (_, i) => {
      const t = (i + 0.5) / WEIGHT_POINTS;
      return { t, weight: weightAt(t) };
    });
    this.#outcome = { ...this.#outcome, snapshots: [...snapshots, snapshot], weights };
    this.#spend("looking");
    this.#options.onSnapshot(snapshot);
  }

  /** Counts the time since the last call. */
  #spend(on: keyof Outcome["seconds"]): void {
    const now = performance.now(), { seconds } = this.#outcome;
    const spent = seconds[on] + (now - this.#began) / 1000;
    this.#outcome = { ...this.#outcome, seconds: { ...seconds, [on]: spent } };
    this.#began = now;
  }
}
