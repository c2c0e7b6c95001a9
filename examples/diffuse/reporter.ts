// @ts-types="../../cli/lib/cli_progress.d.ts"
import type { SingleBar } from "cli-progress";
import process from "node:process";
import { barWidth, createBar, minutes } from "../../cli/lib/bar.ts";
import type { ExperimentProgress } from "./experiment.ts";

/** Shows how far an experiment is, on standard error. */
export interface Reporter {
  update(progress: ExperimentProgress): void;
  /** It ended or was stopped. */
  end(): void;
}

/** How much there is to do. */
export interface Workload {
  /** Steps with each weighting. */
  readonly steps: number;
  /** Steps with all weightings. */
  readonly allSteps: number;
}

/** A bar on a terminal; elsewhere a line whenever samples were drawn. */
export function createReporter(workload: Workload): Reporter {
  return process.stderr.isTTY ? new BarReporter(workload) : new LineReporter(workload);
}

/** Columns for the longest name of a weighting. */
const NAME_WIDTH = 8;
/** Time between two changes of the bar, in milliseconds. */
const CHANGE_EVERY = 100;

/** Words for a progress report. */
class Words {
  readonly #workload: Workload;
  /** When the first step of this process was done, and how many had been before it. */
  #first: { readonly at: number; readonly done: number } | undefined;

  constructor(workload: Workload) {
    this.#workload = workload;
  }

  describe({ weighting, step, done, loss }: ExperimentProgress): string {
    const { steps } = this.#workload;
    const of = `${String(step).padStart(String(steps).length)}/${steps}`;
    const known = Number.isNaN(loss) ? "" : ` raw loss ${loss.toFixed(4)}`;
    return `${weighting.padEnd(NAME_WIDTH)} step ${of}${known}${this.#timeLeft(done)}`;
  }

  /** Time left for all weightings, from the speed so far, m:ss; nothing before there is one. */
  #timeLeft(done: number): string {
    const at = performance.now();
    this.#first ??= { at, done };
    if (done === this.#first.done) return "";
    const perStep = (at - this.#first.at) / (done - this.#first.done);
    return ` ${minutes(perStep * (this.#workload.allSteps - done))} left`;
  }
}

class LineReporter implements Reporter {
  readonly #words: Words;

  constructor(workload: Workload) {
    this.#words = new Words(workload);
  }

  update(progress: ExperimentProgress): void {
    if (progress.isSnapshot) console.error(this.#words.describe(progress));
  }

  end(): void {}
}

class BarReporter implements Reporter {
  readonly #words: Words;
  readonly #bar: SingleBar;
  #changed = -Infinity;

  constructor(workload: Workload) {
    this.#words = new Words(workload);
    const longest = new Words(workload).describe({
      weighting: "uniform",
      step: workload.steps,
      done: workload.allSteps,
      loss: 0,
      isSnapshot: false,
    });
    this.#bar = createBar(barWidth(longest.length + " 00:00 left".length + 4));
    this.#bar.start(workload.allSteps, 0, { words: "" });
    // However the process ends, the terminal gets its cursor back.
    addEventListener("unload", () => this.end());
  }

  update(progress: ExperimentProgress): void {
    const now = performance.now();
    if (!progress.isSnapshot && now - this.#changed < CHANGE_EVERY) return;
    this.#changed = now;
    this.#bar.update(progress.done, { words: this.#words.describe(progress) });
  }

  end(): void {
    this.#bar.stop();
  }
}
