import * as tf from "@tensorflow/tfjs-core";
import { ENGINES } from "../engines/choose.ts";
import type { Engine, EngineName } from "../engines/engine.ts";
import type { AnyRule, Scalars } from "../rules/rule.ts";

/** How fast an engine runs a rule on the current backend. */
export interface EngineSpeed {
  /** The engine's name. */
  readonly engine: EngineName;
  /** Milliseconds of a step over {@link SAMPLE} parameters in one variable, the fastest of some. */
  readonly milliseconds: number;
}

/** What an optimizer does with one variable. */
export interface VariableDescription {
  /** The variable's name. */
  readonly variable: string;
  /** The group it belongs to: what its override matches, "no decay" if it is excluded, or "". */
  readonly group: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** Number of its parameters. */
  readonly parameters: number;
  /** Steps made so far. */
  readonly steps: number;
  /** The step size in force. */
  readonly learningRate: number;
  /** The weight decay in force. */
  readonly weightDecay: number;
  /** Bytes of the optimizer's state for it. */
  readonly stateBytes: number;
}

/** What {@link RuleOptimizer.describe} tells; as a string, a table. */
export interface Description {
  /** The optimizer's class. */
  readonly optimizer: string;
  /** The engine that the next step will run on. */
  readonly engine: EngineName;
  /** The engines of the current backend by speed, measured; empty where steps are not waited for. */
  readonly speeds: readonly EngineSpeed[];
  /** Bytes of state held now, also for variables that were not asked about; `tf.memory()` omits them. */
  readonly heldBytes: number;
  /** What holds for each variable. */
  readonly variables: readonly VariableDescription[];
  /** The whole as a table, for people. */
  toString(): string;
}

/** Parameters that speeds are measured with. */
export const SAMPLE: number = 2 ** 16;

/** Milliseconds spent on each engine. */
const PATIENCE = 20;

/**
 * Times the engines that can run on the current backend, the fastest first. WebGPU is left out: its
 * steps return before they are done.
 */
export function measureEngines(rule: AnyRule, scalars: Scalars): EngineSpeed[] {
  const speeds: EngineSpeed[] = [];
  if (ENGINES.webgpu.support() === "yes") return speeds;
  tf.tidy(() => {
    const gradient = tf.ones([SAMPLE]);
    for (const [name, { engine, support }] of Object.entries(ENGINES)) {
      if (support() !== "yes") continue;
      speeds.push({
        engine: name as EngineName,
        milliseconds: time(engine, rule, scalars, gradient),
      });
    }
  });
  return speeds.sort((a, b) => a.milliseconds - b.milliseconds);
}

function time(engine: Engine, rule: AnyRule, scalars: Scalars, gradient: tf.Tensor): number {
  const variable = tf.variable(tf.zeros([SAMPLE]));
  const state = engine.createState([SAMPLE], rule.slots.length);
  try {
    let best = Infinity;
    const start = performance.now();
    for (let step = 0; step < 3 || performance.now() - start < PATIENCE; step++) {
      const before = performance.now();
      engine.step([{ rule, scalars, variable, gradient, state }]);
      best = Math.min(best, performance.now() - before);
    }
    return best;
  } finally {
    state.dispose();
    variable.dispose();
  }
}

/** The description with its table. */
export function withTable(description: Omit<Description, "toString">): Description {
  return { ...description, toString: () => table(description) };
}

function table(
  { optimizer, engine, speeds, heldBytes, variables }: Omit<Description, "toString">,
): string {
  const own = speeds.find((speed) => speed.engine === engine);
  const ratios = speeds.filter((speed) => speed !== own).map((speed) =>
    `${ratio(speed.milliseconds / own!.milliseconds)} times as fast as ${speed.engine}`
  );
  const rows = [
    [
      "variable",
      "group",
      "shape",
      "parameters",
      "steps",
      "learning rate",
      "weight decay",
      "state bytes",
    ],
    ...variables.map((each) => [
      each.variable,
      each.group,
      `[${each.shape}]`,
      ...[each.parameters, each.steps, each.learningRate, each.weightDecay, each.stateBytes]
        .map((value) => String(Number(value.toPrecision(6)))),
    ]),
  ];
  const hasGroups = variables.some(({ group }) => group !== "");
  if (!hasGroups) { for (const row of rows) row.splice(1, 1); }
  const texts = hasGroups ? 3 : 2;
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return [
    [`${optimizer} on the ${engine} engine`, ...own === undefined ? [] : ratios].join(", "),
    ...rows.map((row) =>
      row.map((cell, column) =>
        column < texts ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)
      ).join("  ").trimEnd()
    ),
    `state held now: ${heldBytes} bytes, beside those of tf.memory()`,
  ].join("\n");
}

function ratio(value: number): string {
  return value < 10 ? value.toPrecision(2) : value.toFixed(0);
}
