import { number, table } from "../../cli/bench/report.ts";
import { type Estimate, estimate, pairedChange } from "./paired.ts";
import {
  leftOut,
  type Outcome,
  RANK_TIMES,
  type Settings,
  type TargetName,
  TARGETS,
  type WeightingName,
  WEIGHTINGS,
} from "./plan.ts";
import { verdicts } from "./verdicts.ts";

/** The outcomes of a data set by target and weighting. */
export class Outcomes {
  readonly targets: readonly TargetName[];
  readonly #all: readonly Outcome[];

  constructor(all: readonly Outcome[]) {
    this.#all = all;
    this.targets = TARGETS.filter((target) => all.some((o) => o.target === target));
  }

  /** Those of one target and weighting, by seed. */
  of(target: TargetName, weighting: WeightingName): Outcome[] {
    return this.#all.filter((o) => o.target === target && o.weighting === weighting)
      .toSorted((a, b) => a.seed - b.seed);
  }

  /** A number of two weightings, at the seeds that both have. */
  pairs(
    target: TargetName,
    weighting: WeightingName,
    other: WeightingName,
    value: (outcome: Outcome) => number,
  ): [number[], number[]] {
    const others = new Map(this.of(target, other).map((o) => [o.seed, o]));
    const both = this.of(target, weighting).filter(({ seed }) => others.has(seed));
    return [both.map(value), both.map(({ seed }) => value(others.get(seed)!))];
  }

  /** The change of a distance at a checkpoint against another weighting, in %. */
  change(
    target: TargetName,
    weighting: WeightingName,
    other: WeightingName,
    checkpoint: number,
  ): Estimate {
    return pairedChange(
      ...this.pairs(target, weighting, other, ({ distances }) => distances[checkpoint]!),
    );
  }
}

interface Row {
  readonly target: TargetName;
  readonly weighting: WeightingName;
}

/** What is reported of a data set. */
export interface Section {
  readonly title: string;
  /** The distance's name. */
  readonly distance: string;
  /** A paragraph on how it was measured. */
  readonly about: string;
  readonly settings: Settings;
  readonly outcomes: readonly Outcome[];
  /** The mean loss of the best denoiser, where it is known. */
  readonly floor?: (target: TargetName) => number;
}

/** The tables of a data set and a verdict on each claim, in Markdown. */
export function reportSection(section: Section): string {
  const { title, about, settings, outcomes: all } = section;
  const outcomes = new Outcomes(all);
  const rows = outcomes.targets.flatMap((target) =>
    WEIGHTINGS.map((weighting): Row => ({ target, weighting }))
  ).filter(({ target, weighting }) => outcomes.of(target, weighting).length > 0);
  const seconds = all.reduce((sum, outcome) => sum + outcome.seconds, 0);
  const skipped = outcomes.targets.flatMap((target) =>
    WEIGHTINGS.flatMap((weighting) => {
      const reason = leftOut({ target, weighting });
      return reason === undefined ? [] : [`${target} with ${weighting} is left out: ${reason}.`];
    })
  );
  return [
    `## ${title}`,
    `${about} ${all.length} runs of ${settings.steps} batches, ${number(seconds / 60)} minutes.`,
    distances(section, outcomes, rows),
    ...skipped,
    ...section.floor === undefined ? [] : [losses(outcomes, section.floor, rows)],
    ranks(outcomes, rows),
    verdicts(outcomes, settings, section.floor),
  ].join("\n\n");
}

const text = ({ mean, error }: Estimate): string =>
  Number.isNaN(error) ? number(mean) : `${number(mean)} ± ${number(error)}`;
const percent = ({ mean, error, count }: Estimate): string => {
  if (count === 0) return "";
  const rounded = Math.round(mean);
  return `${rounded > 0 ? "+" : ""}${rounded} ± ${Number.isNaN(error) ? "?" : error.toFixed(0)}`;
};

function distances(
  { settings, distance }: Section,
  outcomes: Outcomes,
  rows: readonly Row[],
): string {
  const last = settings.checkpoints.length - 1;
  return table<Row>([
    { title: "target", cell: ({ target }) => target },
    { title: "weighting", cell: ({ weighting }) => weighting },
    {
      title: "seeds",
      align: "right",
      cell: ({ target, weighting }) => String(outcomes.of(target, weighting).length),
    },
    ...settings.checkpoints.map((step, at) => ({
      title: at === last ? `${distance}, ${step} batches` : String(step),
      align: "right" as const,
      cell: ({ target, weighting }: Row) =>
        text(estimate(outcomes.of(target, weighting).map(({ distances }) => distances[at]!))),
    })),
    ...settings.checkpoints.map((step, at) => ({
      title: at === last ? `change in %, ${step}` : `%, ${step}`,
      align: "right" as const,
      cell: ({ target, weighting }: Row) =>
        weighting === "uniform" ? "" : percent(outcomes.change(target, weighting, "uniform", at)),
    })),
  ], rows);
}

function losses(
  outcomes: Outcomes,
  floor: (target: TargetName) => number,
  rows: readonly Row[],
): string {
  const excess = ({ target, weighting }: Row): Estimate =>
    estimate(outcomes.of(target, weighting).map((outcome) => outcome.excess!));
  return table<Row>([
    { title: "target", cell: ({ target }) => target },
    { title: "weighting", cell: ({ weighting }) => weighting },
    { title: "floor", align: "right", cell: ({ target }) => number(floor(target)) },
    { title: "excess", align: "right", cell: (row) => text(excess(row)) },
    {
      title: "floor, % of the loss",
      align: "right",
      cell: (row) => {
        const least = floor(row.target);
        return (100 * least / (least + excess(row).mean)).toFixed(1);
      },
    },
  ], rows);
}

function ranks(outcomes: Outcomes, rows: readonly Row[]): string {
  return table<Row>([
    { title: "target", cell: ({ target }) => target },
    { title: "weighting", cell: ({ weighting }) => weighting },
    ...RANK_TIMES.map((t, at) => ({
      title: `rank, t = ${t}`,
      align: "right" as const,
      cell: ({ target, weighting }: Row) =>
        text(estimate(outcomes.of(target, weighting).map(({ ranks }) => ranks[at]!))),
    })),
  ], rows);
}
