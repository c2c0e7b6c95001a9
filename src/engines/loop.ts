import { type LoopSignature, printLoop } from "../expr/print_javascript.ts";
import { inputsOf, type Program } from "../expr/program.ts";
import type { AnyRule } from "../rules/rule.ts";
import { accumulatorOf, type Engine, sizeOf, type SlotState } from "./engine.ts";
import {
  allocateAll,
  bringHome,
  type HostMemory,
  hostMemory,
  noHostMemory,
} from "./host_memory.ts";
import { limitNorms } from "./host_norms.ts";
import { programOf } from "./rule_program.ts";

/** A compiled loop: element count, arrays, scalars. */
type Loop = (n: number, ...rest: (Float32Array | number)[]) => void;

/** A rule ready to run: the loop and the names of the scalars it takes. */
interface Kernel {
  readonly run: Loop;
  readonly scalars: readonly string[];
}

/** Slots as typed arrays of JavaScript's own. */
class LoopState implements SlotState {
  constructor(readonly arrays: readonly Float32Array[]) {}
  readSync(): Float32Array[] {
    return this.arrays.map((array) => array.slice());
  }
  read(): Promise<Float32Array[]> {
    return Promise.resolve(this.readSync());
  }
  dispose(): void {}
}

/**
 * One JavaScript loop for each rule, printed and compiled once, over the typed arrays of the cpu
 * backend and over views of the wasm heap. Intermediate results are float64, stored ones float32.
 */
export const loop: Engine<LoopState> = {
  name: "loop",
  createState: (shape, slots, values) =>
    new LoopState(
      values ?? Array.from({ length: slots }, () => new Float32Array(sizeOf(shape))),
    ),
  step(work, limit) {
    const memory = requireHostMemory();
    const kernels = work.map(({ rule }) => kernelOf(rule));
    for (const item of work) bringHome(memory, item);
    const outputs = allocateAll(memory, work.map(({ variable }) => variable));
    const limited = limit === undefined ? work.map(({ scalars }) => scalars) : limitNorms(
      work.map(({ rule, gradient, state, scalars }) => ({
        gradient: memory.view(gradient),
        sum: state.arrays[accumulatorOf(rule)],
        scalars,
      })),
      limit,
    );
    work.forEach(({ variable, gradient, state }, index) => {
      const { run, scalars: names } = kernels[index]!;
      const scalars = limited[index]!;
      const output = outputs[index]!;
      // Views of the wasm heap detach when it grows: taken here, after the last allocation.
      run(
        variable.size,
        memory.view(variable),
        memory.view(gradient),
        ...state.arrays,
        memory.view(output),
        ...names.map((name) => scalars[name]!),
      );
      variable.assign(output);
      output.dispose();
    });
  },
  firstNonFinite(gradients) {
    const memory = requireHostMemory();
    return gradients.findIndex((gradient) => !allFinite(memory.view(gradient)));
  },
};

/** "yes" if the loop engine can run on the current backend, in this realm; else the reason. */
export function loopSupport(): string {
  if (hostMemory() === undefined) return noHostMemory();
  return canGenerateCode()
    ? "yes"
    : "code generation from strings is forbidden here (Content-Security-Policy)";
}

/** The loop that runs a rule, as text. */
export function loopSource(rule: AnyRule): string {
  const program = programOf(rule, "double");
  return printLoop(program, signatureOf(rule, program));
}

function signatureOf(rule: AnyRule, program: Program): LoopSignature {
  const used = new Set(inputsOf(program));
  return {
    name: rule.name,
    arrays: ["param", "grad", ...rule.slots],
    writes: { param: "out", ...Object.fromEntries(rule.slots.map((slot) => [slot, slot])) },
    scalars: rule.scalarNames.filter((name) => used.has(name)),
  };
}

const kernels = new WeakMap<AnyRule, Kernel>();
const compiled = new Map<string, Loop>();

function kernelOf(rule: AnyRule): Kernel {
  let kernel = kernels.get(rule);
  if (kernel === undefined) {
    const program = programOf(rule, "double");
    const signature = signatureOf(rule, program);
    kernel = { run: compile(printLoop(program, signature)), scalars: signature.scalars };
    kernels.set(rule, kernel);
  }
  return kernel;
}

/** Rules of equal text share one function, so that it is compiled, and warmed up, once. */
function compile(source: string): Loop {
  let run = compiled.get(source);
  if (run === undefined) {
    run = new Function(source)() as Loop;
    compiled.set(source, run);
  }
  return run;
}

let codeGeneration: boolean | undefined;

function canGenerateCode(): boolean {
  if (codeGeneration === undefined) {
    try {
      codeGeneration = new Function("return true")() as boolean;
    } catch {
      codeGeneration = false;
    }
  }
  return codeGeneration;
}

function requireHostMemory(): HostMemory {
  const memory = hostMemory();
  if (memory === undefined) {
    throw new Error(`Cannot run the loop engine: ${noHostMemory()}`);
  }
  return memory;
}

function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * 0; // NaN once a value is not finite
  return sum === 0;
}
