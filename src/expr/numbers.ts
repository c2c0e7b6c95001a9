import type { Algebra } from "./algebra.ts";
import { pure } from "../pure.ts";

/** Plain float64 arithmetic: the oracle that every engine is compared with. */
export const float64: Algebra<number, boolean> = {
  range: "double",
  constant: (value) => value,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: (a, b) => b < a ? b : a,
  max: (a, b) => a < b ? b : a,
  pow: (a, b) => Math.pow(a, b),
  sqrt: (a) => Math.sqrt(a),
  sign: (a) => Math.sign(a),
  less: (a, b) => a < b,
  equal: (a, b) => a === b,
  select: (condition, yes, no) => condition ? yes : no,
};

const f = Math.fround;

/**
 * Arithmetic that rounds to float32 after every operation, as an engine without wider intermediates
 * does: such an engine must agree with it bit for bit, except in `pow`.
 */
export const float32: Algebra<number, boolean> = /* @__PURE__ */ pure(() => ({
  ...float64,
  range: "single",
  constant: (value) => f(value),
  add: (a, b) => f(a + b),
  sub: (a, b) => f(a - b),
  mul: (a, b) => f(a * b),
  div: (a, b) => f(a / b),
  pow: (a, b) => f(Math.pow(a, b)),
  sqrt: (a) => f(Math.sqrt(a)),
}));
