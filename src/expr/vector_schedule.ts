import type { Vector, VectorNode } from "./vector_graph.ts";
import type { Instruction, Local } from "./wasm_instructions.ts";

/** How elements are read and written: four at a time, or one, in the lowest lane. */
const ACCESS = {
  4: { load: ["v128.load", 0], store: ["v128.store", 0] },
  1: { load: ["v128.load32_zero", 0], store: ["v128.store32_lane", 0, 0] },
} as const satisfies Record<number, Record<"load" | "store", Instruction>>;

/** How many elements are treated at a time. */
export type Lanes = keyof typeof ACCESS;

/** A value and the array it goes to. */
export interface Write {
  readonly array: string;
  readonly value: Vector;
}

/**
 * The order of instructions: each value is computed just before its first use, which keeps few alive
 * at a time, and stays in a local if it is used again. What is the same for all elements is computed
 * once, before the loops.
 */
export class Schedule {
  readonly #nodes: readonly VectorNode[];
  readonly #writes: readonly Write[];
  readonly #uses: readonly number[];
  readonly #names = new Map<Vector, string>();
  readonly #invariants = new Set<Vector>();

  constructor(nodes: readonly VectorNode[], writes: readonly Write[]) {
    const uses = nodes.map(() => 0);
    for (const { args } of nodes) args.forEach((arg) => uses[arg]!++);
    for (const { value } of writes) uses[value]!++;
    this.#nodes = nodes;
    this.#writes = writes;
    this.#uses = uses;
  }

  /** All locals mentioned so far. */
  get locals(): Local[] {
    return [...this.#names.values()].map((name) => ({ name, type: "v128" }));
  }

  /** Computes what the elements need of invariant values. */
  before(): Instruction[] {
    const varying = this.#nodes.filter(({ invariant }) => !invariant);
    const needed = new Set([
      ...varying.flatMap(({ args }) => args),
      ...this.#writes.map(({ value }) => value),
    ]);
    const line: Line = { lanes: 4, kept: this.#invariants, read: new Set() };
    return [...needed].filter((vector) => this.#nodes[vector]!.invariant)
      .sort((a, b) => a - b)
      .flatMap((vector) => this.#keep(vector, line));
  }

  /** Reads, computes and writes so many elements of all arrays. */
  elements(lanes: Lanes): Instruction[] {
    const line: Line = { lanes, kept: new Set(this.#invariants), read: new Set() };
    return this.#writes.flatMap(({ array, value }): Instruction[] => {
      const code = this.#push(value, line);
      const old = this.#nodes.findIndex((node) => node.array === array);
      const wanted = old >= 0 && !line.read.has(array); // by a later value, but soon overwritten
      return [
        ...wanted ? this.#keep(old, line) : [],
        ["local.get", array],
        ...code,
        ACCESS[lanes].store,
      ];
    });
  }

  /** Leaves a value on the stack, and in a local if it is used again. */
  #push(vector: Vector, line: Line): Instruction[] {
    if (line.kept.has(vector)) return [["local.get", this.#name(vector)]];
    const code = this.#compute(vector, line);
    if (this.#uses[vector] === 1) return code;
    line.kept.add(vector);
    return [...code, ["local.tee", this.#name(vector)]];
  }

  /** Leaves a value in a local. */
  #keep(vector: Vector, line: Line): Instruction[] {
    if (line.kept.has(vector)) return [];
    const code = this.#compute(vector, line);
    line.kept.add(vector);
    return [...code, ["local.set", this.#name(vector)]];
  }

  #compute(vector: Vector, line: Line): Instruction[] {
    const { array, args, instructions } = this.#nodes[vector]!;
    if (array === undefined) {
      return [...args.flatMap((arg) => this.#push(arg, line)), ...instructions];
    }
    line.read.add(array);
    return [["local.get", array], ACCESS[line.lanes].load];
  }

  /** The local of a value: called after the array, the scalar or the number that it holds. */
  #name(vector: Vector): string {
    let name = this.#names.get(vector);
    if (name === undefined) {
      const { array, args, instructions: [first] } = this.#nodes[vector]!;
      const source = array ?? (first![0] === "local.get" ? first![1] : undefined);
      const constant = args.length === 0 && source === undefined;
      name = constant
        ? `${first![0].replace("const", "")}${first![1]}`
        : source === undefined
        ? `t${vector}`
        : `${source}_v`;
      this.#names.set(vector, name);
    }
    return name;
  }
}

/** The state of a straight line of instructions. */
interface Line {
  readonly lanes: Lanes;
  /** Values that are in their locals. */
  readonly kept: Set<Vector>;
  /** Arrays whose elements have been read. */
  readonly read: Set<string>;
}
