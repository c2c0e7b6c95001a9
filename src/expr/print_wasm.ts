import type { LoopSignature } from "./print_javascript.ts";
import { evaluate, type Program } from "./program.ts";
import { vectorAlgebra } from "./vector_algebra.ts";
import { type Vector, VectorGraph } from "./vector_graph.ts";
import { type Lanes, Schedule, type Write } from "./vector_schedule.ts";
import type { Instruction, Local, WasmModule } from "./wasm_instructions.ts";

/** Bytes of an element. */
const BYTES = 4;

/**
 * Encodes a program as a module of one function, `(n, ...pointers, ...scalars) => void`, with
 * pointers to the arrays and to the other written arrays: a loop over four elements at a time, then
 * a loop over the remaining ones, both of the same operations. Each rounds to float32, as those of
 * the algebra `float32` do. A written array may lie on a read one, from the same element on, but not
 * overlap it otherwise.
 *
 * @param program recorded for the range "single"
 * @param signature what the names mean; writes happen in their order
 */
export function printWasm(program: Program, signature: LoopSignature): WasmModule {
  const scalars = new Set(signature.scalars);
  const graph = new VectorGraph();
  const writesOf = (guards?: Set<Vector>): Write[] => {
    const values = evaluate(
      program,
      vectorAlgebra(graph, guards),
      (name) => scalars.has(name) ? graph.scalar(name) : graph.load(name),
    );
    return Object.entries(signature.writes)
      .map(([output, array]) => ({ array, value: values[output]! }));
  };
  const writes = writesOf();
  const guards = new Set<Vector>();
  const arrays = [...new Set([...signature.arrays, ...writes.map(({ array }) => array)])];
  const schedule = new Schedule(graph.nodes, writes, { guards, writes: writesOf(guards) });
  return {
    name: signature.name,
    parameters: [
      { name: "n", type: "i32" },
      ...arrays.map((name): Local => ({ name, type: "i32" })),
      ...signature.scalars.map((name): Local => ({ name, type: "f32" })),
    ],
    body: [...schedule.before(), ...loop(4), ...loop(1)],
    locals: schedule.locals,
  };

  /** Runs while at least so many elements are left, and moves the pointers on. */
  function loop(lanes: Lanes): Instruction[] {
    return [
      ["block"],
      ["local.get", "n"],
      ["i32.const", lanes],
      ["i32.lt_u"],
      ["br_if", 0],
      ["loop"],
      ...schedule.elements(lanes),
      ...arrays.flatMap((array): Instruction[] => [
        ["local.get", array],
        ["i32.const", lanes * BYTES],
        ["i32.add"],
        ["local.set", array],
      ]),
      ["local.get", "n"],
      ["i32.const", lanes],
      ["i32.sub"],
      ["local.tee", "n"],
      ["i32.const", lanes],
      ["i32.ge_u"],
      ["br_if", 0],
      ["end"],
      ["end"],
    ];
  }
}
