import type { Line } from "./chart.ts";

/** Colours of runs, in their order. */
const COLORS = 4;

/** What is kept of a run to be drawn. */
export class Run {
  readonly name: string;
  readonly color: number;
  readonly #curves = new Map<string, { x: number[]; y: number[]; mean: number; weight: number }>();

  constructor(name: string, color: number) {
    this.name = name;
    this.color = color;
  }

  /**
   * Adds a point to a curve, and gives what is drawn.
   *
   * @param smoothing what a running mean keeps of its past, in [0, 1)
   */
  add(curve: string, x: number, y: number, smoothing = 0): number {
    const kept = this.#curves.get(curve) ?? { x: [], y: [], mean: 0, weight: 0 };
    this.#curves.set(curve, kept);
    kept.mean = smoothing * kept.mean + (1 - smoothing) * y;
    kept.weight = smoothing * kept.weight + (1 - smoothing);
    kept.x.push(x);
    kept.y.push(kept.mean / kept.weight);
    return kept.y.at(-1)!;
  }

  /** A curve as a line. */
  line(curve: string): Line {
    const { x, y } = this.#curves.get(curve) ?? { x: [], y: [] };
    return { name: this.name, color: this.color, x, y };
  }
}

/** The latest runs, whose curves are compared. */
export class Runs {
  #runs: Run[] = [];
  #count = 0;

  /** Begins a run; the oldest one goes when there are more than colours. */
  begin(name: string): Run {
    const again = this.#runs.filter((run) => run.name.split(" · ")[0] === name).length;
    const run = new Run(again === 0 ? name : `${name} · ${again + 1}`, this.#count++ % COLORS);
    this.#runs = [...this.#runs, run].slice(-COLORS);
    return run;
  }

  /** A curve of all runs. */
  lines(curve: string): Line[] {
    return this.#runs.map((run) => run.line(curve));
  }
}
