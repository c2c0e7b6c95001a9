/** Optimizers of the study: the filtered ones, and what each is without the filter. */
export type OptimizerName = "sgd" | "momentum" | "sgdf" | "adam" | "adamf";

/** What a run is trained with. */
export interface Choice {
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  /** The filter's exponent; null without a filter. */
  readonly gamma: number | null;
  readonly epsilon: number;
  readonly batchSize: number;
  /** Share of training images whose label is another one, drawn at random. */
  readonly wrongLabels: number;
  /** What the loss is multiplied by; the rate of SGD and its kin is divided by it. */
  readonly lossScale: number;
}

/** What is the same in all runs. */
export interface Settings {
  /** Training images, and passes over them. */
  readonly images: number;
  readonly epochs: number;
  /** Units of the hidden layer. */
  readonly units: number;
}

/** What came out of a run. */
export interface Outcome extends Choice {
  readonly seed: number;
  readonly settings: Settings;
  /** Mean cross-entropy on the test images; null if the parameters are no longer finite. */
  readonly testLoss: number | null;
  /** Share of test images named rightly. */
  readonly accuracy: number;
  readonly seconds: number;
}

/** A table of the study: rows of choices, over one number that goes across. */
export interface Experiment {
  readonly title: string;
  /** What goes across, and the name of each column. */
  readonly across: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly choices: readonly Choice[] }[];
}

const PLAIN = { epsilon: 1e-8, batchSize: 32, wrongLabels: 0, lossScale: 1 } as const;

/** Exponents of the filter; the papers have 0.5 and 1. */
export const GAMMAS = [0.25, 0.5, 1, 2] as const;
/** Learning rates of each family. */
export const RATES = {
  sgdf: [0.01, 0.03, 0.1, 0.3, 1, 3],
  adamf: [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2],
} as const;
/** Values of epsilon, and what the loss is scaled by against them. */
export const EPSILONS = [0, 1e-16, 1e-12, 1e-8, 1e-4] as const;
export const LOSS_SCALES = [1, 1e-2, 1e-4] as const;
const BATCH_SIZES = [8, 32, 128] as const;

/** The filtered optimizers, each with those that it is compared with. */
const FAMILIES = {
  sgdf: ["sgd", "momentum"],
  adamf: ["adam"],
} as const satisfies Record<string, readonly OptimizerName[]>;

/** Name of a filtered optimizer. */
export type Filtered = keyof typeof FAMILIES;

/** The whole study, table by table. */
export function experiments(): Experiment[] {
  const names = Object.keys(FAMILIES) as Filtered[];
  return [
    ...names.map((name) => gammaAndRate(name, 0)),
    ...names.map((name) => gammaAndRate(name, 0.2)),
    ...names.map(batchSizeAndRate),
    ...names.map(epsilonAndScale),
  ];
}

/** Learning rate across; the exponents of the filter and the optimizers without it. */
export function gammaAndRate(filtered: Filtered, wrongLabels: number): Experiment {
  const over = (part: Pick<Choice, "optimizer" | "gamma">): Choice[] =>
    RATES[filtered].map((learningRate) => ({ ...PLAIN, wrongLabels, learningRate, ...part }));
  return {
    title: `${filtered}: gamma and learning rate` +
      (wrongLabels === 0 ? "" : `, ${100 * wrongLabels} % of the labels wrong`),
    across: "learning rate",
    columns: RATES[filtered].map(String),
    rows: [
      ...GAMMAS.map((gamma) => ({
        name: `gamma ${gamma}`,
        choices: over({ optimizer: filtered, gamma }),
      })),
      ...FAMILIES[filtered].map((optimizer) => ({
        name: optimizer,
        choices: over({ optimizer, gamma: null }),
      })),
    ],
  };
}

function batchSizeAndRate(optimizer: Filtered): Experiment {
  return {
    title: `${optimizer}: batch size and learning rate`,
    across: "learning rate",
    columns: RATES[optimizer].map(String),
    rows: BATCH_SIZES.map((batchSize) => ({
      name: `batches of ${batchSize}`,
      choices: RATES[optimizer].map((learningRate) => ({
        ...PLAIN,
        optimizer,
        gamma: 0.5,
        batchSize,
        learningRate,
      })),
    })),
  };
}

/**
 * Epsilon across, a scale of the loss in each row. Without epsilon neither optimizer would see the scale:
 * SGDF's rate is divided by it, and AdamF's step does not depend on it.
 */
function epsilonAndScale(optimizer: Filtered): Experiment {
  return {
    title: `${optimizer}: epsilon and the scale of the loss`,
    across: "epsilon",
    columns: EPSILONS.map(String),
    rows: LOSS_SCALES.map((lossScale) => ({
      name: `loss times ${lossScale}`,
      choices: EPSILONS.map((epsilon) => ({
        ...PLAIN,
        optimizer,
        gamma: 0.5,
        learningRate: optimizer === "sgdf" ? 0.3 : 1e-3,
        epsilon,
        lossScale,
      })),
    })),
  };
}

/** Every run of some experiments once, seed by seed, so that whatever is finished is paired. */
export function runsOf(
  list: readonly Experiment[],
  seeds: number,
): (Choice & { readonly seed: number })[] {
  const choices = new Map(
    list.flatMap(({ rows }) => rows.flatMap(({ choices }) => choices))
      .map((choice) => [keyOf(choice), choice]),
  );
  return Array.from({ length: seeds }, (_, seed) => seed).flatMap((seed) =>
    [...choices.values()].map((choice) => ({ ...choice, seed }))
  );
}

/** Tells one choice from another. */
export function keyOf(choice: Choice): string {
  const { optimizer, learningRate, gamma, epsilon, batchSize, wrongLabels, lossScale } = choice;
  return [optimizer, learningRate, gamma, epsilon, batchSize, wrongLabels, lossScale].join();
}
