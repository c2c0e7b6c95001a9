import {
  ENCODINGS,
  type Immediate,
  type Instruction,
  type WasmModule,
} from "./wasm_instructions.ts";
import { MAX_PAGES, MEMORY_IMPORT } from "./wasm_module.ts";

/** What the lines after it are indented for, up to its "end". */
const OPENS: ReadonlySet<string> = /* @__PURE__ */ new Set(["block", "loop", "if", "else"]);

/** A module in WebAssembly's text format, one instruction a line. */
export function moduleText(
  { name, parameters, locals, body }: WasmModule,
  shared: boolean,
): string {
  const limits = shared ? `0 ${MAX_PAGES} shared` : "0";
  const lines = [
    `(module`,
    `  (import "${MEMORY_IMPORT.module}" "${MEMORY_IMPORT.name}" (memory ${limits}))`,
    `  (func $${name} (export "${name}")`,
    ...parameters.map(({ name, type }) => `    (param $${name} ${type})`),
    ...locals.map(({ name, type }) => `    (local $${name} ${type})`),
  ];
  let depth = 2;
  for (const instruction of body) {
    const [operation] = instruction;
    if (operation === "end" || operation === "else") depth--;
    lines.push("  ".repeat(depth) + instructionText(instruction));
    if (OPENS.has(operation)) depth++;
  }
  return [...lines, `  )`, `)`].join("\n");
}

function instructionText([operation, ...values]: Instruction): string {
  const { immediates } = ENCODINGS[operation];
  return [operation, ...values.map((value, at) => immediateText(immediates[at]!, value))].join(" ");
}

function immediateText(kind: Immediate, value: string | number | bigint): string {
  switch (kind) {
    case "local":
      return `$${value}`;
    case "byteOffset":
      return value === 0 ? "" : `offset=${value}`;
    case "offset":
      return `${value === 0 ? "" : `offset=${value} `}align=4`;
    case "f32":
    case "f64":
      return Object.is(value, -0)
        ? "-0"
        : String(value).replace("Infinity", "inf").replace("NaN", "nan");
    default:
      return String(value);
  }
}
