// @ts-types="../../cli/lib/cli_progress.d.ts"
import type { SingleBar } from "cli-progress";
import process from "node:process";
import { barWidth, createBar, minutes } from "../../cli/lib/bar.ts";
import { OPTIMIZER_NAMES } from "./optimizers.ts";
import type { Progress } from "./progress.ts";

/** Shows how far the demo is. */
export interface Reporter {
  /** Training with an optimizer begins. */
  begin(name: string): void;
  /** It is so far. */
  update(progress: Progress, isEpochEnd: boolean): void;
  /** It ended or was stopped. */
  end(): void;
}

/** How much there is to do. */
export interface Workload {
  /** Training runs, one an optimizer. */
  readonly runs: number;
  /** Epochs in a run. */
  readonly epochs: number;
  /** Batches in an epoch. */
  readonly batches: number;
}

/** A bar on a terminal; elsewhere a line for each epoch. Both go to standard error. */
export function createReporter(workload: Workload): Reporter {
  return process.stderr.isTTY ? new BarReporter(workload) : new LineReporter(workload);
}

/** Columns for the longest name of an optimizer. */
const NAME_WIDTH = Math.max(...OPTIMIZER_NAMES.map((name) => name.length));

/** Words for a progress report. */
class Words {
  readonly #workload: Workload;
  readonly #started = performance.now();
  #runs = 0;

  constructor(workload: Workload) {
    this.#workload = workload;
  }

  nextRun(): void {
    this.#runs++;
  }

  step({ epoch, batch }: Progress): number {
    return (epoch - 1) * this.#workload.batches + batch;
  }

  describe(progress: Progress): string {
    const { epochs, batches } = this.#workload;
    const { epoch, loss, accuracy } = progress;
    const batch = String(progress.batch).padStart(String(batches).length);
    return `epoch ${epoch}/${epochs} batch ${batch}/${batches} loss ${loss.toFixed(4)} ` +
      `accuracy ${(100 * accuracy).toFixed(1)} % ${this.#timeLeft(progress)} left`;
  }

  /** Time left for all optimizers, from the speed so far: m:ss. */
  #timeLeft(progress: Progress): string {
    const { runs, epochs, batches } = this.#workload;
    const steps = epochs * batches;
    const done = (this.#runs - 1) * steps + this.step(progress);
    const elapsed = performance.now() - this.#started;
    return minutes(elapsed * (runs * steps / done - 1));
  }
}

class LineReporter implements Reporter {
  readonly #words: Words;
  #name = "";

  constructor(workload: Workload) {
    this.#words = new Words(workload);
  }

  begin(name: string): void {
    this.#name = name;
    this.#words.nextRun();
  }

  update(progress: Progress, isEpochEnd: boolean): void {
    if (isEpochEnd) {
      console.error(`${this.#name.padEnd(NAME_WIDTH)} ${this.#words.describe(progress)}`);
    }
  }

  end(): void {}
}

class BarReporter implements Reporter {
  readonly #words: Words;
  readonly #steps: number;
  readonly #barWidth: number;
  #bar: SingleBar | undefined;

  constructor(workload: Workload) {
    this.#words = new Words(workload);
    this.#steps = workload.epochs * workload.batches;
    const { epochs: epoch, batches: batch } = workload;
    const words = this.#words.describe({ epoch, batch, loss: 0, accuracy: 0 });
    this.#barWidth = barWidth(NAME_WIDTH + words.length + 3);
    // However the process ends, the terminal gets its cursor back.
    addEventListener("unload", () => this.end());
  }

  begin(name: string): void {
    this.#words.nextRun();
    this.#bar = createBar(this.#barWidth, `${name.padEnd(NAME_WIDTH)} `);
    this.#bar.start(this.#steps, 0, { words: "" });
  }

  update(progress: Progress): void {
    this.#bar?.update(this.#words.step(progress), { words: this.#words.describe(progress) });
  }

  end(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
