import { nearest } from "../../src/options/nearest.ts";
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
  /** What it is called in tables: the text that asked for it. */
  readonly label: string;
  readonly optimizer: OptimizerName;
  readonly given: GivenOptions;
}

/** An optimizer at a learning rate. */
export interface Contestant {
  readonly label: string;
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
    return [camelCase(option), valueOf(value)];
  }));
  return { label: text.trim(), optimizer: name as OptimizerName, given };
}

const camelCase = (name: string): string =>
  name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function valueOf(text: string | undefined): unknown {
  if (text === undefined || text === "true") return true;
  if (text === "false") return false;
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/**
 * Every optimizer at every learning rate.
 *
 * @param shared options for all optimizers that have them
 * @param rates none: each optimizer runs at its own
 * @param note is told which optimizers lack a shared option
 * @throws {UsageError} if an option is wrong, or no optimizer has it
 */
export function contestantsOf(
  variants: readonly Variant[],
  rates: readonly number[],
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
    const own = Object.entries(shared).filter(([name]) => has(optimizer, name));
    const options = { ...Object.fromEntries(own), ...given };
    const chosen = rates.length === 0 || "learningRate" in given
      ? [options]
      : rates.map((learningRate) => ({ ...options, learningRate }));
    return chosen.map((each): Contestant => {
      const resolved = resolveOptimizer(optimizer, each);
      const learningRate = resolved.learningRate as number;
      return { label, optimizer, learningRate, options: resolved };
    });
  });
}

const has = (optimizer: OptimizerName, option: string): boolean =>
  Object.hasOwn(OPTIMIZERS[optimizer].table, option);
