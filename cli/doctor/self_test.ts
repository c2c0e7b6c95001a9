import * as tf from "@tensorflow/tfjs-core";
import {
  adabelief,
  adamf,
  adamw,
  type EngineName,
  lion,
  momentum,
  nadam,
  radam,
  rmsprop,
  type RuleOptimizer,
  sgdf,
} from "@signalfit/tfjs";
import type { BackendName } from "@signalfit/tfjs";
import type { Work } from "@signalfit/tfjs/parts";
import { randomStream } from "@signalfit/tfjs/parts";
import type { Rule, Scalars } from "@signalfit/tfjs/parts";
import type { SelfTest } from "./findings.ts";
import { Oracle } from "./oracle.ts";

/** All optimizers, with their defaults. */
const OPTIMIZERS: Readonly<Record<string, (engine: EngineName) => RuleOptimizer>> = {
  sgdf: (engine) => sgdf({ engine }),
  adamf: (engine) => adamf({ engine }),
  adamw: (engine) => adamw({ engine }),
  momentum: (engine) => momentum({ engine }),
  nadam: (engine) => nadam({ engine }),
  radam: (engine) => radam({ engine }),
  rmsprop: (engine) => rmsprop({ engine }),
  adabelief: (engine) => adabelief({ engine }),
  lion: (engine) => lion({ engine }),
};

/** Names of the optimizers that are tested. */
export const TESTED: readonly string[] = Object.keys(OPTIMIZERS);

/** Steps of each. */
export const STEPS = 6;

/** Around where vectors and workgroups end. */
const SHAPES: readonly number[][] = [[], [7, 9], [64], [1025]];

/** The longest chain of roundings from inputs to a result in any rule, in halves of a last place. */
const ROUNDINGS = 18;

/** WGSL allows a division and a root 2.5 units in the last place, where others allow half a one. */
const LOOSE = 5;

/**
 * Makes some steps with each optimizer on one engine, on the current backend, and compares every
 * parameter with the same rule in float64. An error is counted in units in the last place of the
 * largest number that the parameter was made of.
 */
export async function selfTest(engine: EngineName, backend: BackendName): Promise<SelfTest> {
  const allowedUlps = STEPS * ROUNDINGS / 2 * (backend === "webgpu" ? LOOSE : 1);
  let [ulps, worst] = [0, TESTED[0]!];
  const result = { engine, backend, allowedUlps } as const;
  for (const name of TESTED) {
    let error: number;
    try {
      error = await largestError(OPTIMIZERS[name]!(engine));
    } catch (problem) {
      const reason = `${name}: ${problem instanceof Error ? problem.message : problem}`;
      return { ...result, status: "failed", reason, ulps: null, worst: null };
    }
    if (error > ulps) [ulps, worst] = [error, name];
  }
  if (ulps <= allowedUlps) return { ...result, status: "ok", reason: null, ulps, worst };
  const reason = Number.isFinite(ulps)
    ? `${worst} is off by ${ulps.toFixed(1)} units in the last place, of which ` +
      `${allowedUlps} can be roundings`
    : `${worst} gave a number that is not finite`;
  return { ...result, status: "failed", reason, ulps: finite(ulps), worst };
}

/** Steps with an optimizer beside its oracle, and frees it. */
async function largestError(optimizer: RuleOptimizer): Promise<number> {
  const { normals } = randomStream(1, 0, 0);
  const initial = SHAPES.map((shape) => normals(tf.util.sizeFromShape(shape)));
  const variables = SHAPES.map((shape, index) =>
    tf.tidy(() => tf.variable(tf.tensor(initial[index]!.slice(), shape)))
  );
  try {
    let oracles: Oracle<Scalars>[] | undefined;
    let largest = 0;
    const peaks = initial.map((values) => Float64Array.from(values, Math.abs));
    for (let step = 0; step < STEPS; step++) {
      const gradients = initial.map(({ length }) => normals(length));
      const work = apply(optimizer, variables, gradients);
      oracles ??= work.map(({ rule }, index) => new Oracle(ownScalars(rule), initial[index]!));
      for (const [index, oracle] of oracles.entries()) {
        oracle.update(work[index]!.scalars, gradients[index]!);
        const actual = await variables[index]!.data();
        const [peak, gradient] = [peaks[index]!, gradients[index]!];
        oracle.param.forEach((expected, i) => {
          const term = optimizer.learningRate * Math.abs(gradient[i]!);
          peak[i] = Math.max(peak[i]!, Math.abs(expected), term);
          const error = Math.abs(actual[i]! - expected) / lastPlace(peak[i]!);
          largest = Number.isNaN(error) ? Infinity : Math.max(largest, error);
        });
      }
    }
    return largest;
  } finally {
    optimizer.dispose();
    tf.dispose(variables);
  }
}

/** Makes a step and tells what rule and numbers it was made with. */
function apply(
  optimizer: RuleOptimizer,
  variables: readonly tf.Variable[],
  gradients: readonly Float32Array[],
): readonly Pick<Work, "rule" | "scalars">[] {
  let seen: readonly Pick<Work, "rule" | "scalars">[] = [];
  optimizer.observeNextStep((_engine, work) => {
    seen = work.map(({ rule, scalars }) => ({ rule, scalars }));
  });
  tf.tidy(() =>
    optimizer.applyGradients(variables.map(({ name, shape }, index) => ({
      name,
      tensor: tf.tensor(gradients[index]!.slice(), shape),
    })))
  );
  return seen;
}

/** A rule that is given the numbers of a step as they are. */
function ownScalars(rule: Work["rule"]): Rule<Scalars> {
  return { ...rule, scalars: (scalars) => scalars };
}

/** The unit in the last place of float32 at a number. */
function lastPlace(value: number): number {
  return 2 ** (Math.max(-126, Math.floor(Math.log2(value))) - 23);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
