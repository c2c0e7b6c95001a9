import { nearest } from "@signalfit/tfjs/parts";
import { UsageError } from "../exit_codes.ts";
import { longName } from "../train/long_name.ts";
import {
  type GivenOptions,
  OPTIMIZER_NAMES,
  type OptimizerName,
  OPTIMIZERS,
  resolveOptimizer,
} from "../train/optimizers.ts";

/** An optimizer with options of its own, as `nadam:filter:beta1=0.8` asks for. */
export interface Variant {
  /** The text that asked for it. */
  readonly text: string;
  /** What it is called in tables: the same without a learning rate, which they tell of beside. */
  readonly label: string;
  readonly optimizer: OptimizerName;
  readonly given: GivenOptions;
}

/** Learning rates for all, three that suit each optimizer, or the one that each has by itself. */
export type Rates = readonly number[] | "sweep" | "own";

/** An optimizer at a learning rate. */
export interface Contestant {
  /** What it is called: its variant and, where several are trained, the model. */
  readonly label: string;
  /** The variant alone. */
  readonly variant: string;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  /** All its options, checked, the rate among them. */
  readonly options: GivenOptions;
}

/**
 * Reads an optimizer and its own options: `sgdf` or `nadam:filter:beta1=0.8`.
 *
 * @throws {Error} if there is no such optimizer, naming the nearest one
 */
export function parseVariant(text: string): Variant {
  const [name = "", ...parts] = text.split(":").map((part) => part.trim());
  if (!OPTIMIZER_NAMES.some((each) => each === name)) {
    const near = nearest(name, OPTIMIZER_NAMES);
    throw new TypeError(
      `There is no optimizer "${name}"; ` +
        (near === undefined
          ? `there are ${OPTIMIZER_NAMES.join(", ")}`
          : `did you mean "${near}"?`),
    );
  }
  const given = Object.fromEntries(parts.map((part) => {
    const [option = "", value] = part.split("=").map((word) => word.trim());
    if (option === "") throw new TypeError(`An option of "${text.trim()}" has no name`);
    return [isRate(option) ? "learningRate" : camelCase(option), valueOf(value)];
  }));
  const label = [name, ...parts.filter((part) => !isRate(part.split("=")[0]!.trim()))].join(":");
  return { text: text.trim(), label, optimizer: name as OptimizerName, given };
}

const isRate = (option: string): boolean =>
  ["lr", "learning-rate", "learningRate"].includes(option);

const camelCase = (name: string): string =>
  name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function valueOf(text: string | undefined): unknown {
  if (text === undefined || text === "true") return true;
  if (text === "false") return false;
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/**
 * Rates around an optimizer's own. Those that step by the gradient itself have a high one, which suits
 * few losses, so that theirs go down by tens; rates of the others, which divide by its size, go up.
 */
function sweepOf(own: number): number[] {
  return (own >= 0.1 ? [0.01, 0.1, 1] : [1, 3, 10])
    .map((factor) => Number((factor * own).toPrecision(6)));
}

/**
 * Every optimizer at every learning rate.
 *
 * @param shared options for all optimizers that have them
 * @param note is told which optimizers lack a shared option
 * @throws {UsageError} if an option is wrong, or no optimizer has it
 */
export function contestantsOf(
  variants: readonly Variant[],
  rates: Rates,
  shared: GivenOptions,
  note: (line: string) => void,
): Contestant[] {
  for (const name of Object.keys(shared)) {
    const lacking = variants.filter(({ optimizer }) => !has(optimizer, name));
    if (lacking.length === variants.length) {
      throw new UsageError(`None of these optimizers has the option ${longName(name)}`);
    }
    if (lacking.length > 0) {
      note(
        `Without ${longName(name)}, which they do not have: ${
          lacking.map(({ label }) => label).join(", ")
        }`,
      );
    }
  }
  return variants.flatMap(({ label, optimizer, given }) => {
    const held = Object.entries(shared).filter(([name]) => has(optimizer, name));
    const options = { ...Object.fromEntries(held), ...given };
    const own = () => resolveOptimizer(optimizer, options).learningRate as number;
    const chosen = "learningRate" in given || rates === "own"
      ? [own()]
      : rates === "sweep"
      ? sweepOf(own())
      : rates;
    return chosen.map((learningRate): Contestant => ({
      label,
      variant: label,
      optimizer,
      learningRate,
      options: resolveOptimizer(optimizer, { ...options, learningRate }),
    }));
  });
}

const has = (optimizer: OptimizerName, option: string): boolean =>
  Object.hasOwn(OPTIMIZERS[optimizer].table, option);
