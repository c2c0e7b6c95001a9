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

/** What holds where none of the guards does. */
export interface Shortcut {
  readonly guards: ReadonlySet<Vector>;
  readonly writes: readonly Write[];
}

/**
 * The order of instructions: each value is computed just before its first use, which keeps few alive
 * at a time, and stays in a local if it is used again. What is the same for all elements is computed
 * once, before the loops.
 */
export class Schedule {
  readonly #nodes: readonly VectorNode[];
  readonly #writes: readonly Write[];
  readonly #shortcut: Shortcut;
  readonly #names = new Map<Vector, string>();
  readonly #invariants = new Set<Vector>();

  constructor(nodes: readonly VectorNode[], writes: readonly Write[], shortcut: Shortcut) {
    this.#nodes = nodes;
    this.#writes = writes;
    this.#shortcut = shortcut;
  }

  /** All locals mentioned so far. */
  get locals(): Local[] {
    return [...this.#names.values()].map((name) => ({ name, type: "v128" }));
  }

  /** Computes what the elements need of invariant values. */
  before(): Instruction[] {
    const { guards, writes } = this.#shortcut;
    const roots = [...this.#writes, ...writes].map(({ value }) => value);
    const uses = this.#countUses([...roots, ...guards]);
    const needed = new Set([
      ...roots,
      ...this.#nodes.flatMap(({ invariant, args }, vector) =>
        invariant || uses[vector] === 0 ? [] : args
      ),
    ]);
    const line: Line = { lanes: 4, uses, kept: this.#invariants, read: new Set() };
    return [...needed].filter((vector) => this.#nodes[vector]!.invariant)
      .sort((a, b) => a - b)
      .flatMap((vector) => this.#keep(vector, line));
  }

  /** Reads, computes and writes so many elements of all arrays; a single one by no shortcut. */
  elements(lanes: Lanes): Instruction[] {
    const start = { lanes, kept: new Set(this.#invariants), read: new Set<string>() };
    const { guards, writes } = this.#shortcut;
    const values = (writes: readonly Write[]) => writes.map(({ value }) => value);
    if (guards.size === 0 || lanes === 1) {
      return this.#write(this.#writes, { ...start, uses: this.#countUses(values(this.#writes)) });
    }
    const usesInFull = this.#countUses([...values(this.#writes), ...guards]);
    const usesInShort = this.#countUses([...values(writes), ...guards]);
    const uses = usesInFull.map((count, vector) => Math.max(count, usesInShort[vector]!));
    const line: Line = { ...start, uses };
    const anyGuard = [...guards].flatMap((guard, index): Instruction[] => [
      ...this.#push(guard, line),
      ...index === 0 ? [] : [["v128.or"]] as const,
    ]);
    return [
      ["block"],
      ["block"],
      ...anyGuard,
      ["v128.any_true"],
      ["i32.eqz"],
      ["br_if", 0],
      ...this.#write(this.#writes, fork(line, usesInFull)),
      ["br", 1],
      ["end"],
      ...this.#write(writes, fork(line, usesInShort)),
      ["end"],
    ];
  }

  /** How often each value is asked for on the way to the given ones. */
  #countUses(roots: readonly Vector[]): number[] {
    const uses = this.#nodes.map(() => 0);
    for (const root of roots) uses[root]!++;
    for (let vector = uses.length - 1; vector >= 0; vector--) {
      if (uses[vector]! > 0) this.#nodes[vector]!.args.forEach((arg) => uses[arg]!++);
    }
    return uses;
  }

  #write(writes: readonly Write[], line: Line): Instruction[] {
    return writes.flatMap(({ array, value }): Instruction[] => {
      const code = this.#push(value, line);
      const old = this.#nodes.findIndex((node) => node.array === array);
      const wanted = old >= 0 && !line.read.has(array); // by a later value, but soon overwritten
      return [
        ...wanted ? this.#keep(old, line) : [],
        ["local.get", array],
        ...code,
        ACCESS[line.lanes].store,
      ];
    });
  }

  /** Leaves a value on the stack, and in a local if it is used again. */
  #push(vector: Vector, line: Line): Instruction[] {
    if (line.kept.has(vector)) return [["local.get", this.#name(vector)]];
    const code = this.#compute(vector, line);
    if (line.uses[vector] === 1) return code;
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
    const known = this.#names.get(vector);
    if (known !== undefined) return known;
    const written = this.#writes.find(({ value }) => value === vector);
    const name = localName(this.#nodes[vector]!) ??
      (written === undefined ? `t${vector}` : `next_${written.array}`);
    this.#names.set(vector, name);
    return name;
  }
}

/** The state of a straight line of instructions. */
interface Line {
  readonly lanes: Lanes;
  /** How often each value is asked for. */
  readonly uses: readonly number[];
  /** Values that are in their locals. */
  readonly kept: Set<Vector>;
  /** Arrays whose elements have been read. */
  readonly read: Set<string>;
}

/** A line that goes its own way from here. */
function fork({ lanes, kept, read }: Line, uses: readonly number[]): Line {
  return { lanes, uses, kept: new Set(kept), read: new Set(read) };
}

function localName({ array, args, instructions: [first] }: VectorNode): string | undefined {
  if (array !== undefined) return `${array}_v`;
  if (args.length > 0) return undefined;
  const [operation, value] = first!;
  if (operation === "local.get") return `${value}_v`;
  return `${operation.replace("const", "")}${Object.is(value, -0) ? "-0" : value}`;
}
