// @ts-types="../lib/cli_progress.d.ts"
import type { SingleBar } from "cli-progress";
import process from "node:process";
import { barWidth, createBar, minutes } from "../lib/bar.ts";
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
  /** Steps with all weightings that were done before. */
  readonly doneBefore: number;
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
  readonly #started = performance.now();

  constructor(workload: Workload) {
    this.#workload = workload;
  }

  describe({ weighting, step, done, loss }: ExperimentProgress): string {
    const { steps } = this.#workload;
    const of = `${String(step).padStart(String(steps).length)}/${steps}`;
    const known = Number.isNaN(loss) ? "" : `raw loss ${loss.toFixed(4)} `;
    return `${weighting.padEnd(NAME_WIDTH)} step ${of} ${known}${this.#timeLeft(done)} left`;
  }

  /** Time left for all weightings, from the speed so far: m:ss. */
  #timeLeft(done: number): string {
    const { allSteps, doneBefore } = this.#workload;
    const elapsed = performance.now() - this.#started;
    return minutes(elapsed * (allSteps - done) / (done - doneBefore));
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
    const longest = this.#words.describe({
      weighting: "uniform",
      step: workload.steps,
      done: workload.allSteps,
      loss: 0,
      isSnapshot: false,
    });
    this.#bar = createBar(barWidth(longest.length + 4));
    this.#bar.start(workload.allSteps, workload.doneBefore, { words: "" });
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
