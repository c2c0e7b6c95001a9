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
