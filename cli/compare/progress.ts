import { clockTime, shortNumber } from "@signalfit/tfjs/parts";
import type { TextOutput } from "@signalfit/tfjs";
import type { RunListener, RunProgress } from "./run_recorder.ts";

/** A run that is to be made. */
export interface Work {
  /** Steps of the same model are taken to last as long. */
  readonly model: string;
  readonly steps: number;
  readonly epochs: number;
}

const CLEAR = "\r\x1b[K";
/** Columns of a bar, at least and at most. */
const BAR = [6, 24] as const;
/** Runs of more epochs, or more runs, tell of their ends alone, where there is no terminal. */
const MOST_TOLD = 10;

/**
 * Tells how far a comparison is: a line with a bar that is rewritten on a terminal, elsewhere a line for
 * each epoch of few short runs and one for each run.
 */
export class CompareProgress implements RunListener {
  readonly #output: TextOutput;
  readonly #works: readonly Work[];
  /** Steps made with each model, and what they took. */
  readonly #pace = new Map<string, { steps: number; milliseconds: number }>();
  #done = 0;
  #name = "";
  #last = { step: 0, at: 0 };

  /**
   * @param output where the lines go
   * @param works the runs that are to be made, in their order
   */
  constructor(output: TextOutput, works: readonly Work[]) {
    this.#output = output;
    this.#works = works;
  }

  /** A run begins. */
  begin(name: string): void {
    this.#name = name;
    this.#last = { step: 0, at: performance.now() };
    this.#show({ step: 0, epoch: 1, loss: undefined, means: {} });
  }

  step(progress: RunProgress): void {
    this.#measure(progress.step);
    this.#show(progress);
  }

  epoch({ epoch, means: { loss = NaN, acc } }: RunProgress): void {
    const { epochs } = this.#works[this.#done]!;
    if (this.#output.isTerminal || Math.max(epochs, this.#works.length) > MOST_TOLD) return;
    const accuracy = acc === undefined ? "" : `, accuracy ${(100 * acc).toFixed(1)} %`;
    const words = `epoch ${epoch}/${epochs}, loss ${shortNumber(loss)}${accuracy}`;
    this.#output.write(`${this.#head()}: ${words}\n`);
  }

  /** It ended. */
  end(result: string): void {
    if (!this.#output.isTerminal) this.#output.write(`${this.#head()}: ${result}\n`);
    this.#done++;
  }

  /** A line of its own. */
  note(line: string): void {
    this.clear();
    this.#output.write(`${line}\n`);
  }

  /** Removes the line. */
  clear(): void {
    if (this.#output.isTerminal) this.#output.write(CLEAR);
  }

  #head(): string {
    return `[${this.#done + 1}/${this.#works.length}] ${this.#name}`;
  }

  #measure(step: number): void {
    const now = performance.now(), { model } = this.#works[this.#done]!;
    const { steps, milliseconds } = this.#pace.get(model) ?? { steps: 0, milliseconds: 0 };
    const made = Math.max(0, step - this.#last.step);
    // What a run that goes on had made before took none of this time.
    if (this.#last.step > 0) {
      this.#pace.set(model, {
        steps: steps + made,
        milliseconds: milliseconds + now - this.#last.at,
      });
    }
    this.#last = { step, at: now };
  }

  #show({ step, loss }: RunProgress): void {
    const { columns, isTerminal } = this.#output;
    if (!isTerminal) return;
    const { steps } = this.#works[this.#done]!;
    const words = [
      ...loss === undefined ? [] : [`loss ${shortNumber(loss)}`],
      ...this.#left(step),
    ].join(", ");
    const head = this.#head(), [number = ""] = head.split(" ");
    // The first of these that leaves room for the name, or at least for the number of the run.
    const tails = [`step ${step}/${steps}${words && `, ${words}`}`, words || `step ${step}`];
    const tail = tails.find((each) => number.length + 2 + each.length < columns) ?? tails[1]!;
    const room = columns - 3 - tail.length, width = Math.min(BAR[1], room - head.length);
    const line = width >= BAR[0]
      ? `${head} ${bar(width, step / steps)} ${tail}`
      : `${cut(head, room)}: ${tail}`;
    this.#output.write(CLEAR + cut(line, columns - 1));
  }

  /** The time that is left, from what a step of each model took so far. */
  #left(step: number): string[] {
    const paces = [...this.#pace.values()].filter(({ steps }) => steps > 0);
    if (paces.length === 0) return [];
    const known = (model: string): number | undefined => {
      const { steps = 0, milliseconds = 0 } = this.#pace.get(model) ?? {};
      return steps > 0 ? milliseconds / steps : undefined;
    };
    const slowest = Math.max(...paces.map(({ steps, milliseconds }) => milliseconds / steps));
    const milliseconds = this.#works.slice(this.#done).reduce(
      (sum, { model, steps }, i) =>
        sum + (steps - (i === 0 ? step : 0)) * (known(model) ?? slowest),
      0,
    );
    return [`${clockTime(milliseconds / 1000)} left`];
  }
}

function bar(width: number, share: number): string {
  const full = Math.round(width * Math.min(1, share));
  return "━".repeat(full) + "╌".repeat(width - full);
}

/** At most so many letters. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return most < 2 ? "" : `${text.slice(0, most - 1)}…`;
}
