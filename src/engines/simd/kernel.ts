import { inputsOf } from "../../expr/program.ts";
import { printWasm } from "../../expr/print_wasm.ts";
import type { WasmModule } from "../../expr/wasm_instructions.ts";
import { encodeModule, MEMORY_IMPORT } from "../../expr/wasm_module.ts";
import { moduleText } from "../../expr/wasm_text.ts";
import type { AnyRule } from "../../rules/rule.ts";
import { programOf } from "../rule_program.ts";

/** A rule ready to run in a memory. */
export interface Kernel {
  /**
   * Makes one step for n elements.
   *
   * @param n how many
   * @param rest where param, grad, the slots and the new param begin, in bytes; then the scalars
   */
  readonly run: (n: number, ...rest: number[]) => void;
  /** Names of the scalars. */
  readonly scalars: readonly string[];
}

/** The module that runs a rule, as text. */
export function simdSource(rule: AnyRule): string {
  return moduleText(moduleOf(rule).module, false);
}

const kernels = new WeakMap<WebAssembly.Memory, WeakMap<AnyRule, Kernel>>();

/** The kernel of a rule in a memory; made once. */
export function kernelOf(rule: AnyRule, memory: WebAssembly.Memory): Kernel {
  let known = kernels.get(memory);
  if (known === undefined) kernels.set(memory, known = new WeakMap());
  let kernel = known.get(rule);
  if (kernel === undefined) {
    const { module, scalars } = moduleOf(rule);
    kernel = { run: instantiate(module, memory), scalars };
    known.set(rule, kernel);
  }
  return kernel;
}

function moduleOf(rule: AnyRule): { module: WasmModule; scalars: readonly string[] } {
  const program = programOf(rule, "single");
  const used = new Set(inputsOf(program));
  const scalars = rule.scalarNames.filter((name) => used.has(name));
  const module = printWasm(program, {
    name: rule.name,
    arrays: ["param", "grad", ...rule.slots],
    writes: { ...Object.fromEntries(rule.slots.map((slot) => [slot, slot])), param: "out" },
    scalars,
  });
  return { module, scalars };
}

const modules = new Map<string, WebAssembly.Module>();
const functions = new WeakMap<WebAssembly.Memory, Map<string, Kernel["run"]>>();

/** Rules of equal code share one module, and one function in each memory: it is warmed up once. */
function instantiate(module: WasmModule, memory: WebAssembly.Memory): Kernel["run"] {
  const shared = isShared(memory);
  const bytes = encodeModule(module, shared);
  const code = bytes.join();
  let known = functions.get(memory);
  if (known === undefined) functions.set(memory, known = new Map());
  let run = known.get(code);
  if (run === undefined) {
    let compiled = modules.get(code);
    if (compiled === undefined) {
      compiled = new WebAssembly.Module(bytes);
      modules.set(code, compiled);
    }
    const instance = new WebAssembly.Instance(compiled, {
      [MEMORY_IMPORT.module]: { [MEMORY_IMPORT.name]: memory },
    });
    run = instance.exports[module.name] as Kernel["run"];
    known.set(code, run);
  }
  return run;
}

/** Whether a memory is shared between threads, as that of tfjs's threaded build is. */
function isShared({ buffer }: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
}
