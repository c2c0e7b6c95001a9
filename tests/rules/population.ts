import { loopSource } from "../../src/engines/loop.ts";
import { programOf } from "../../src/engines/rule_program.ts";
import { inputsOf } from "../../src/expr/program.ts";
import { sgdf, type SgdfHyper } from "../../src/rules/sgdf.ts";

type Loop = (n: number, ...rest: (Float64Array | number)[]) => void;

const rule = sgdf({ power: 0.5, varianceCorrection: true, decay: "none", sign: false });
const used = new Set<string>(inputsOf(programOf(rule, "double")));
const scalarNames = rule.scalarNames.filter((name) => used.has(name));
const loop = new Function(loopSource(rule))() as Loop;

/** SGDF with its usual hyper-parameters, but for the learning rate. */
export const SGDF: SgdfHyper = {
  learningRate: 0.5,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  gamma: 0.5,
  weightDecay: 0,
};

/** Many numbers that SGDF updates, each on its own, in float64 and by the printed loop. */
export class Population {
  step = 0;
  readonly param: Float64Array;
  readonly gradient: Float64Array;
  readonly m: Float64Array;
  readonly s: Float64Array;

  constructor(readonly size: number, start: (index: number) => number) {
    this.param = Float64Array.from({ length: size }, (_, i) => start(i));
    this.gradient = new Float64Array(size);
    this.m = new Float64Array(size);
    this.s = new Float64Array(size);
  }

  /** One step along the gradients that were put in place. */
  update(learningRate: number): void {
    const { size, param, gradient, m, s } = this;
    const scalars = rule.scalars({ ...SGDF, learningRate }, ++this.step);
    loop(size, param, gradient, m, s, param, ...scalarNames.map((name) => scalars[name]));
  }
}

/** The slope of the line through the points (log x, log y), by least squares. */
export function logLogSlope(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
  const [x, y] = [xs.map(Math.log), ys.map(Math.log)];
  const [centreX, centreY] = [mean(x), mean(y)];
  return mean(x.map((value, i) => (value - centreX) * (y[i]! - centreY))) /
    mean(x.map((value) => (value - centreX) ** 2));
}
