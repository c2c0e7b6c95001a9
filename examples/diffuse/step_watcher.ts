import * as tfl from "@tensorflow/tfjs-layers";

/** What watches a training run. */
export interface WatchOptions {
  /** Stops the training after the step at hand when aborted. */
  readonly signal: AbortSignal;
  /** Called after each step, with the number of steps done. */
  readonly onStep?: (done: number) => void;
  /** Called with the mean raw loss of each stretch of steps. */
  readonly onLoss?: (loss: number) => void;
}

/** Time after which the event loop gets a turn, in milliseconds. */
const TURN_EVERY = 50;

/** Counts the steps of several calls of `fit`, lets Ctrl-C be heard, and stops the training. */
export class StepWatcher extends tfl.Callback {
  readonly #options: WatchOptions;
  #done = 0;
  #turn = performance.now();

  constructor(options: WatchOptions) {
    super();
    this.#options = options;
  }

  /** Tells how many steps are done when `fit` begins. */
  beginAt(step: number): void {
    this.#done = step;
  }

  override async onBatchEnd(): Promise<void> {
    this.#done++;
    this.#options.onStep?.(this.#done);
    if (performance.now() - this.#turn > TURN_EVERY) {
      await new Promise((resolve) => setTimeout(resolve));
      this.#turn = performance.now();
    }
    if (this.#options.signal.aborted) this.model.stopTraining = true;
  }
}
