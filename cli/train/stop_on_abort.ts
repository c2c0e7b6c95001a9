import * as tfl from "@tensorflow/tfjs-layers";
import { Turns } from "@signalfit/tfjs/parts";

/** Ends training after the batch at hand once a signal is aborted. */
export class StopOnAbort extends tfl.Callback {
  readonly #signal: AbortSignal;
  readonly #turns = new Turns();

  constructor(signal: AbortSignal) {
    super();
    this.#signal = signal;
  }

  override async onBatchEnd(): Promise<void> {
    await this.#turns.takeIfDue();
    if (this.#signal.aborted) this.model.stopTraining = true;
  }
}
