import type { Status } from "./data.ts";

/** What a viewer may want of the training. */
export type Action = "pause" | "resume" | "stop";

/** Lets the training be paused and stopped, between two batches. */
export class Controls {
  readonly #onChange: (status: Status) => void;
  #isTraining = false;
  #isStopping = false;
  #isReleased = false;
  #resume: (() => void) | undefined;
  #pause: Promise<void> | undefined;

  /** @param onChange is told how the training stands */
  constructor(onChange: (status: Status) => void) {
    this.#onChange = onChange;
  }

  /** Whether the training is to be stopped. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** A training begins. */
  begin(): void {
    this.#isTraining = true;
    this.#isStopping = this.#isReleased = false;
    this.#onChange("running");
  }

  /** Whether a training is under way. */
  get isTraining(): boolean {
    return this.#isTraining;
  }

  /**
   * The training has ended.
   *
   * @param status how, where that was not decided here
   */
  end(status?: Status): void {
    this.#wake();
    this.#isTraining = false;
    this.#onChange(status ?? (this.#isStopping ? "stopped" : "finished"));
  }

  /** Lets a paused training go on, and takes no more commands until the next one begins. */
  release(): void {
    const wasPaused = this.#pause !== undefined;
    this.#isReleased = true;
    this.#wake();
    if (this.#isTraining && wasPaused) this.#onChange("running");
  }

  /** The training goes on after all. */
  keepOn(): void {
    this.#isStopping = false;
    this.#onChange("running");
  }

  /** Does what a viewer wants; false if it cannot be done now. */
  act(action: Action): boolean {
    if (!this.#isTraining || this.#isStopping || this.#isReleased) return false;
    const isPaused = this.#pause !== undefined;
    if (action !== "stop" && isPaused === (action === "pause")) return false;
    if (action === "pause") {
      this.#pause = new Promise((resolve) => this.#resume = resolve);
      this.#onChange("pausing");
      return true;
    }
    this.#wake();
    this.#isStopping = action === "stop";
    this.#onChange(this.#isStopping ? "stopping" : "running");
    return true;
  }

  /** Waits as long as the training is paused. Gives the milliseconds that it took. */
  async passage(): Promise<number> {
    if (this.#pause === undefined) return 0;
    const began = performance.now();
    const keepsProcess = setInterval(() => {}, 2 ** 30); // Else Deno and Node would end it.
    while (this.#pause !== undefined) {
      this.#onChange("paused");
      await this.#pause;
    }
    clearInterval(keepsProcess);
    return performance.now() - began;
  }

  #wake(): void {
    this.#resume?.();
    this.#resume = this.#pause = undefined;
  }
}
