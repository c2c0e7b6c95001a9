import * as tfl from "@tensorflow/tfjs-layers";
import { turn } from "../../training/stop_signals.ts";

/** Longest time in milliseconds without a turn of the event loop. */
const TURN_EVERY = 50;

/** Ends training after the batch at hand once a signal is aborted. */
export class StopOnAbort extends tfl.Callback {
  readonly #signal: AbortSignal;
  #lastTurn = performance.now();

  constructor(signal: AbortSignal) {
    super();
    this.#signal = signal;
  }

  override async onBatchEnd(): Promise<void> {
    if (performance.now() - this.#lastTurn > TURN_EVERY) {
      await turn();
      this.#lastTurn = performance.now();
    }
    if (this.#signal.aborted) this.model.stopTraining = true;
  }
}
