import assert from "node:assert/strict";
import { compilerSupport, wasmSupport } from "../../../src/engines/simd/capability.ts";
import { runChild } from "./child.ts";

Deno.test("compilerSupport: vectors can be compiled here", () => {
  assert.equal(compilerSupport(WebAssembly), "yes");
  assert.equal(wasmSupport(), "yes");
});

Deno.test("compilerSupport: an engine without WebAssembly", () => {
  assert.equal(compilerSupport(undefined), "there is no WebAssembly here");
});

Deno.test("compilerSupport: an engine that does not know vectors", () => {
  const { Module } = WebAssembly;
  assert.equal(
    compilerSupport({ Module, validate: () => false }),
    "WebAssembly has no vector instructions (SIMD) here",
  );
});

Deno.test("compilerSupport: a Content-Security-Policy that forbids to compile", () => {
  const Module = class {
    constructor() {
      throw new WebAssembly.CompileError("Wasm code generation disallowed by embedder");
    }
  };
  assert.match(
    compilerSupport({ validate: WebAssembly.validate, Module }),
    /forbidden here \(Content-Security-Policy without 'wasm-unsafe-eval'\)$/,
  );
});

const SUPPORT = `
  import * as tf from "@tensorflow/tfjs-core";
  import "@tensorflow/tfjs-backend-cpu";
  import { simdSupport } from "${new URL("../../../src/engines/simd.ts", import.meta.url)}";
  import { loopSupport } from "${new URL("../../../src/engines/loop.ts", import.meta.url)}";
  tf.enableProdMode();
  await tf.setBackend("cpu");
  console.log(simdSupport(), "/", loopSupport());
`;

Deno.test({
  name: "simdSupport: a processor without vectors",
  ignore: Deno.build.arch !== "x86_64", // the flag is that processor's
  async fn() {
    assert.equal(
      await runChild(SUPPORT, "--no-enable-sse4-1"),
      "WebAssembly has no vector instructions (SIMD) here / yes\n",
    );
  },
});

Deno.test("simdSupport: no compiler at all", async () => {
  assert.equal(await runChild(SUPPORT, "--jitless"), "there is no WebAssembly here / yes\n");
});
