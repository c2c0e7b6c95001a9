import type { Algebra } from "./algebra.ts";
import type { Vector, VectorGraph } from "./vector_graph.ts";
import { vectorPower } from "./vector_power.ts";
import type { Operation } from "./wasm_instructions.ts";

/**
 * The operations of a rule as instructions; a condition is a mask of all ones or all zeros.
 *
 * A choice between two numbers that are the same for all elements is a guard: it stands for
 * something rare, such as the scaling of squares that would leave the range. Where `guards` is
 * given, it collects the conditions of such choices, and the values hold where none of them does.
 */
export function vectorAlgebra(graph: VectorGraph, guards?: Set<Vector>): Algebra<Vector, Vector> {
  const zero = graph.single(0);
  const one = graph.single(1);
  const binary = (operation: Operation) => (a: Vector, b: Vector): Vector =>
    graph.operation(operation, a, b);
  const less = binary("f32x4.lt");
  const product = binary("f32x4.mul");
  const select = (condition: Vector, yes: Vector, no: Vector): Vector => {
    if (graph.isInvariant(yes) && graph.isInvariant(no)) {
      if (guards === undefined) return chosen(graph, condition, yes, no);
      guards.add(condition);
      return no;
    }
    if (yes === zero) return graph.operation("v128.andnot", no, condition);
    return graph.operation("v128.bitselect", yes, no, condition);
  };
  return {
    range: "single",
    constant: (value) => graph.single(value),
    add: binary("f32x4.add"),
    sub: binary("f32x4.sub"),
    mul: (a, b) => a === one ? b : b === one ? a : product(a, b),
    div: binary("f32x4.div"),
    min: binary("f32x4.pmin"), // b < a ? b : a, as the algebra has it
    max: binary("f32x4.pmax"), // a < b ? b : a
    pow: (a, b) => vectorPower(graph, a, b),
    sqrt: (a) => graph.operation("f32x4.sqrt", a),
    sign: (a) => {
      const upper = graph.operation("v128.bitselect", one, a, less(zero, a)); // 0 and NaN stay
      return graph.operation("v128.bitselect", graph.single(-1), upper, less(a, zero));
    },
    less,
    equal: binary("f32x4.eq"),
    select,
  };
}

/** One of two numbers, by the bits in which they differ: one instruction less than a selection. */
function chosen(graph: VectorGraph, condition: Vector, yes: Vector, no: Vector): Vector {
  const difference = graph.operation("v128.xor", yes, no);
  return graph.operation("v128.xor", no, graph.operation("v128.and", condition, difference));
}
