import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { chooseEngine } from "../../src/engines/choose.ts";
import { useBackend } from "../support/backends.ts";

class Unknown extends tf.KernelBackend {
  override dispose(): void {}
}

Deno.test("on a backend that nobody knows, auto is portable and says so once", async () => {
  const name = "somebody-elses";
  tf.registerBackend(name, () => new Unknown());
  const { warn } = console;
  const warnings: string[] = [];
  try {
    assert.ok(await tf.setBackend(name));
    console.warn = (text: string) => warnings.push(text);
    for (let again = 0; again < 3; again++) assert.equal(chooseEngine("auto").name, "portable");
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /slower portable engine, because the somebody-elses backend keeps/);
    for (const engine of ["loop", "simd", "webgpu"] as const) {
      assert.throws(() => chooseEngine(engine), new RegExp(`Cannot use the ${engine} engine: the`));
    }
  } finally {
    console.warn = warn;
    await useBackend("cpu");
    tf.removeBackend(name);
  }
});

Deno.test("auto is simd on cpu and wasm, and a wish is granted where it can be", async () => {
  for (const backend of ["cpu", "wasm"] as const) {
    await useBackend(backend);
    assert.equal(chooseEngine("auto").name, "simd");
    for (const engine of ["simd", "loop", "portable"] as const) {
      assert.equal(chooseEngine(engine).name, engine);
    }
  }
});
