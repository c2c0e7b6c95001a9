import type { Algebra } from "./algebra.ts";
import { vectorPower } from "./vector_power.ts";
import type { Instruction, Operation } from "./wasm_instructions.ts";

/** A value of four lanes, by its position in the graph. */
export type Vector = number;

/** One value: an array's elements, or what instructions make of their arguments. */
export interface VectorNode {
  /** The array that the value is read from. */
  readonly array?: string;
  /** Values that must lie on the stack. */
  readonly args: readonly Vector[];
  /** What then turns them into one value. */
  readonly instructions: readonly Instruction[];
  /** Whether it is the same for all elements. */
  readonly invariant: boolean;
}

/** What vector instructions compute; equal values are one node. */
export class VectorGraph {
  readonly nodes: VectorNode[] = [];
  readonly #known = new Map<string, Vector>();

  /** The elements of an array. */
  load(array: string): Vector {
    return this.#intern({ array, args: [], instructions: [], invariant: false });
  }

  /** A parameter in all lanes. */
  scalar(parameter: string): Vector {
    return this.apply([], ["local.get", parameter], ["f32x4.splat"]);
  }

  /** A float32 number in all lanes. */
  single(value: number): Vector {
    return this.apply([], ["f32.const", Math.fround(value)], ["f32x4.splat"]);
  }

  /** A float64 number in both lanes. */
  double(value: number): Vector {
    return this.apply([], ["f64.const", value], ["f64x2.splat"]);
  }

  /** A 64-bit integer in both lanes. */
  integer(value: bigint): Vector {
    return this.apply([], ["i64.const", value], ["i64x2.splat"]);
  }

  /** An operation on other values. */
  operation(operation: Operation, ...args: Vector[]): Vector {
    return this.apply(args, [operation]);
  }

  /** Instructions that turn the given values, on the stack, into one. */
  apply(args: readonly Vector[], ...instructions: Instruction[]): Vector {
    return this.#intern({
      args,
      instructions,
      invariant: args.every((arg) => this.isInvariant(arg)),
    });
  }

  /** Whether a value is the same for all elements. */
  isInvariant(vector: Vector): boolean {
    return this.nodes[vector]!.invariant;
  }

  #intern(node: VectorNode): Vector {
    const code = node.instructions.flat().map((part) => Object.is(part, -0) ? "-0" : String(part));
    const key = [node.array, node.args, ...code].join(" ");
    let vector = this.#known.get(key);
    if (vector === undefined) {
      vector = this.nodes.push(node) - 1;
      this.#known.set(key, vector);
    }
    return vector;
  }
}

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
