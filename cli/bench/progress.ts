import type { TextOutput } from "@signalfit/tfjs";
import { terminal } from "../lib/terminal.ts";

/** One line on a terminal that says what is being done and how long the rest may take. */
export class Progress {
  readonly #costs: readonly number[];
  readonly #output: TextOutput;
  readonly #start = performance.now();
  #done = 0;

  /**
   * @param costs how long each task takes, in any unit
   * @param output where the line goes, if it is a terminal; standard error if left out
   */
  constructor(costs: readonly number[], output: TextOutput = terminal("stderr")) {
    this.#costs = costs;
    this.#output = output;
  }

  /** Says what is being done. */
  show(text: string): void {
    const line = `[${this.#done + 1}/${this.#costs.length}] ${text}${this.#left()}`;
    this.#write(`\r\x1b[K${line}`);
  }

  /** Goes on to the next task. */
  next(): void {
    this.#done++;
  }

  /** Removes the line. */
  clear(): void {
    this.#write("\r\x1b[K");
  }

  #left(): string {
    const sum = (costs: readonly number[]): number => costs.reduce((a, b) => a + b, 0);
    const done = sum(this.#costs.slice(0, this.#done));
    if (done === 0) return "";
    const elapsed = (performance.now() - this.#start) / 1000;
    const left = elapsed * sum(this.#costs.slice(this.#done)) / done;
    return `, about ${Math.ceil(left)} s left`;
  }

  #write(text: string): void {
    if (this.#output.isTerminal) this.#output.write(text);
  }
}
