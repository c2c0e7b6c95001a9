import { encodeModule } from "../../expr/wasm_module.ts";

/** What is asked of WebAssembly to learn what it can do. */
export interface Compiler {
  validate(bytes: BufferSource): boolean;
  readonly Module: new (bytes: BufferSource) => unknown;
}

/** The smallest module with a vector in it. */
const PROBE = /* @__PURE__ */ encodeModule({
  name: "probe",
  parameters: [],
  locals: [{ name: "vector", type: "v128" }],
  body: [["local.get", "vector"], ["v128.any_true"], ["br_if", 0]],
}, false);

/** "yes" if vector code can be compiled here, else the reason. */
export function compilerSupport(compiler: Compiler | undefined): string {
  if (compiler === undefined) return "there is no WebAssembly here";
  if (!compiler.validate(PROBE)) return "WebAssembly has no vector instructions (SIMD) here";
  try {
    new compiler.Module(PROBE);
    return "yes";
  } catch {
    return "compiling WebAssembly is forbidden here " +
      "(Content-Security-Policy without 'wasm-unsafe-eval')";
  }
}

let support: string | undefined;

/** The same of this realm's WebAssembly; found out once. */
export function wasmSupport(): string {
  return support ??= compilerSupport("WebAssembly" in globalThis ? WebAssembly : undefined);
}
