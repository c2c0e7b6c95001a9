import type { Vector, VectorGraph } from "./vector_graph.ts";

/**
 * `log2(m) / s` as a polynomial in s^2, for `s = (m - 1) / (m + 1)` and m from sqrt(1/2) to
 * sqrt(2): the minimax polynomial, relative error below 2^-37.
 */
const LOG2 = [
  2.88539008179008,
  0.9617966733500601,
  0.5770835832694419,
  0.4116728268951442,
  0.3407280082596891,
];

/** `2^r` as a polynomial for |r| <= 1/2, exactly 1 at 0: relative error below 2^-34. */
const EXP2 = [
  1,
  0.6931471807040122,
  0.24022651065990597,
  0.05550410366757948,
  0.009618038199470077,
  0.0013333934786405115,
  0.00015466737956212727,
  1.5196171345116001e-5,
];

/** Beyond this exponent a float32 is 0 or infinity anyway, and a float64 is not yet. */
const LARGEST_EXPONENT = 300;

/** Bits of a float64. */
const bits = (value: number): bigint => new BigInt64Array(new Float64Array([value]).buffer)[0]!;
const FRACTION_BITS = 52;
const FRACTION_MASK = 2n ** 52n - 1n;
/** Added to a float64 it leaves the number, rounded to an integer, in the low bits. */
const ROUNDER = 1.5 * 2 ** 52;

/**
 * `a^b` for a >= 0, as `2^(b log2 a)` in float64, two lanes at a time: there a denormal float32 is
 * an ordinary number, the product loses nothing, and the result is rounded to float32 once. The
 * error is below 0.51 units in the last place; 1^b and a^0 are exactly 1; where b > 0, 0, infinity
 * and NaN are their own powers.
 */
export function vectorPower(graph: VectorGraph, a: Vector, b: Vector): Vector {
  const zero = graph.single(0);
  const one = graph.single(1);
  const low = graph.operation("f32x4.demote_f64x2_zero", halfPower(graph, a, b));
  const high = graph.operation(
    "f32x4.demote_f64x2_zero",
    halfPower(graph, upperHalf(graph, a), upperHalf(graph, b)),
  );
  const power = graph.apply([low, high], ["i8x16.shuffle", ...bytes(0, 16)]);
  // a < 2a where a is positive and finite: neither 0 nor infinity nor NaN has a logarithm.
  const ordinary = graph.operation(
    "v128.or",
    graph.operation("f32x4.lt", a, graph.operation("f32x4.add", a, a)),
    graph.operation("f32x4.eq", b, zero),
  );
  const special = graph.operation(
    "v128.bitselect",
    graph.operation("f32x4.div", one, a),
    a,
    graph.operation("f32x4.lt", b, zero),
  );
  return graph.operation("v128.bitselect", power, special, ordinary);
}

/** The power of the two lower lanes, in float64. */
function halfPower(graph: VectorGraph, a: Vector, b: Vector): Vector {
  const exponent = graph.operation("f64x2.promote_low_f32x4", b);
  return exp2(
    graph,
    graph.operation(
      "f64x2.mul",
      exponent,
      log2(graph, graph.operation("f64x2.promote_low_f32x4", a)),
    ),
  );
}

/** log2 of normal positive numbers. */
function log2(graph: VectorGraph, x: Vector): Vector {
  const one = graph.double(1);
  // x = 2^k m with m from sqrt(1/2) to sqrt(2): shifted so that the exponent field counts from there.
  const shift = bits(1) - bits(Math.SQRT1_2);
  const shifted = graph.operation("i64x2.add", x, graph.integer(shift));
  const field = graph.apply([shifted], ["i32.const", FRACTION_BITS], ["i64x2.shr_u"]);
  const bias = Number(bits(1) >> BigInt(FRACTION_BITS));
  const k = graph.operation(
    "f64x2.sub",
    graph.operation("v128.or", field, graph.integer(bits(2 ** 52))),
    graph.double(2 ** 52 + bias),
  );
  const m = graph.operation(
    "i64x2.add",
    graph.operation("v128.and", shifted, graph.integer(FRACTION_MASK)),
    graph.integer(bits(Math.SQRT1_2)),
  );
  const s = graph.operation(
    "f64x2.div",
    graph.operation("f64x2.sub", m, one),
    graph.operation("f64x2.add", m, one),
  );
  const series = polynomial(graph, LOG2, graph.operation("f64x2.mul", s, s));
  return graph.operation("f64x2.add", k, graph.operation("f64x2.mul", s, series));
}

/** 2^y, for any y. */
function exp2(graph: VectorGraph, y: Vector): Vector {
  const clamped = graph.operation(
    "f64x2.pmax",
    graph.operation("f64x2.pmin", y, graph.double(LARGEST_EXPONENT)),
    graph.double(-LARGEST_EXPONENT),
  );
  const rounder = graph.double(ROUNDER);
  const rounded = graph.operation("f64x2.add", clamped, rounder);
  const rest = graph.operation(
    "f64x2.sub",
    clamped,
    graph.operation("f64x2.sub", rounded, rounder),
  );
  const exponent = graph.apply([rounded], ["i32.const", FRACTION_BITS], ["i64x2.shl"]);
  const scale = graph.operation("i64x2.add", exponent, graph.integer(bits(1)));
  return graph.operation("f64x2.mul", polynomial(graph, EXP2, rest), scale);
}

function polynomial(graph: VectorGraph, coefficients: readonly number[], x: Vector): Vector {
  return coefficients.map((coefficient) => graph.double(coefficient)).reduceRight((sum, next) =>
    graph.operation("f64x2.add", graph.operation("f64x2.mul", sum, x), next)
  );
}

/** The two upper lanes, brought down. */
function upperHalf(graph: VectorGraph, vector: Vector): Vector {
  return graph.apply([vector, vector], ["i8x16.shuffle", ...bytes(8, 8)]);
}

/** The positions of eight bytes from each start. */
function bytes(...starts: number[]): number[] {
  return starts.flatMap((start) => Array.from({ length: 8 }, (_, at) => start + at));
}
