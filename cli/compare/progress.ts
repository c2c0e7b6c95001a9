import { clockTime, shortNumber } from "../../src/logs/format.ts";
import type { TextOutput } from "@signalfit/tfjs";

const CLEAR = "\r\x1b[K";

/** Tells how far a comparison is: a line that is rewritten on a terminal, elsewhere one for each run. */
export class CompareProgress {
  readonly #output: TextOutput;
  readonly #runs: number;
  readonly #steps: number;
  readonly #began = performance.now();
  #done = 0;
  #name = "";

  /**
   * @param output where the lines go
   * @param runs runs that are to be made
   * @param steps steps of each
   */
  constructor(output: TextOutput, runs: number, steps: number) {
    this.#output = output;
    this.#runs = runs;
    this.#steps = steps;
  }

  /** A run begins. */
  begin(name: string): void {
    this.#name = name;
    this.step(0, undefined);
  }

  /** It has made so many steps. */
  step(step: number, loss: number | undefined): void {
    if (!this.#output.isTerminal) return;
    const known = loss === undefined ? "" : `, loss ${shortNumber(loss)}`;
    const text = `${this.#head()} step ${step}/${this.#steps}${known}${this.#left(step)}`;
    this.#output.write(CLEAR + text.slice(0, this.#output.columns - 1));
  }

  /** It ended. */
  end(result: string): void {
    if (!this.#output.isTerminal) this.#output.write(`${this.#head()} ${result}\n`);
    this.#done++;
  }

  /** Removes the line. */
  clear(): void {
    if (this.#output.isTerminal) this.#output.write(CLEAR);
  }

  #head(): string {
    return `[${this.#done + 1}/${this.#runs}] ${this.#name}:`;
  }

  #left(step: number): string {
    const done = this.#done * this.#steps + step;
    if (done === 0) return "";
    const seconds = (performance.now() - this.#began) / 1000;
    return `, ${clockTime(seconds * (this.#runs * this.#steps / done - 1))} left`;
  }
}
