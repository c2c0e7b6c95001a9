import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** Runs a script in a process that may not compile strings, as under a Content-Security-Policy. */
async function run(script: string): Promise<{ out: string; err: string }> {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, script);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-all",
        "--quiet",
        "--v8-flags=--disallow-code-generation-from-strings",
        `--config=${fileURLToPath(new URL("../../deno.json", import.meta.url))}`,
        path,
      ],
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.ok(success, err);
    return { out: out!, err: err! };
  } finally {
    await Deno.remove(path);
  }
}

const SETUP = `
  import * as tf from "@tensorflow/tfjs-core";
  import "@tensorflow/tfjs-layers";
  import "@tensorflow/tfjs-backend-cpu";
  import { sgdf } from "@signalfit/tfjs";
  tf.enableProdMode();
  await tf.setBackend("cpu");
  const x = tf.variable(tf.tensor1d([3, -4]), true, "x");
  const gradient = tf.tensor1d([1, 2]);
`;

/** As a Content-Security-Policy without 'wasm-unsafe-eval' does. */
const NO_WASM = `
  WebAssembly.Module = class {
    constructor() {
      throw new WebAssembly.CompileError("blocked by CSP");
    }
  } as unknown as typeof WebAssembly.Module;
`;

const STEPS = `
  for (const optimizer of [sgdf(), sgdf()]) {
    for (let step = 0; step < 3; step++) optimizer.applyGradients({ x: gradient });
    console.log(optimizer.engine);
  }
  console.log(...x.dataSync());
`;

Deno.test("where strings may not be compiled, auto is simd, which needs none", async () => {
  const { out, err } = await run(SETUP + STEPS);
  assert.equal(out, "simd\nsimd\n0 -10\n");
  assert.doesNotMatch(err, /signalfit/);
});

Deno.test("where WebAssembly may not be compiled either, auto is portable and says so once", async () => {
  const { out, err } = await run(SETUP + NO_WASM + STEPS);
  assert.equal(out, "portable\nportable\n0 -10\n");
  assert.equal(err.match(/signalfit: using the slower portable engine/g)?.length, 1);
  assert.match(err, /code generation from strings is forbidden/);
});

for (const engine of ["loop", "simd"]) {
  Deno.test(`where code generation is forbidden, asking for ${engine} is an error`, async () => {
    const { out } = await run(`${SETUP} ${NO_WASM}
      try {
        sgdf({ engine: "${engine}" }).applyGradients({ x: gradient });
      } catch (error) {
        console.log((error as Error).message, ...x.dataSync());
      }
    `);
    assert.match(out, new RegExp(`^Cannot use the ${engine} engine: .* "portable" 3 -4\n$`));
  });
}
