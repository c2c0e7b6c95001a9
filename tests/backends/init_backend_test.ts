import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { initBackend, installTrainingKernels } from "@signalfit/tfjs";
import { missingKernels, trainingKernels } from "../../src/backends/training_kernels.ts";
import { counts, useBackend } from "../support/backends.ts";
import { backendTest } from "../support/test.ts";

const conv = () =>
  tfl.sequential({
    layers: [
      tfl.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1] }),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 2 }),
    ],
  });

/** Runs a script in a process of its own; its last expression is printed as JSON. */
async function run(
  script: string,
  { env = {}, flags = ["--allow-all"] }: { env?: Record<string, string>; flags?: string[] } = {},
): Promise<{ code: number; out: string; err: string }> {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  await Deno.writeTextFile(path, script);
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", `--config=${config}`, ...flags, path],
      env: { XDG_RUNTIME_DIR: "/tmp", NO_COLOR: "1", ...env },
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, out: out!, err: err! };
  } finally {
    await Deno.remove(path);
  }
}

const SCRIPT = (options: string) => `
  import * as tf from "@tensorflow/tfjs-core";
  import "@tensorflow/tfjs-layers";
  import { initBackend, sgdf } from "@signalfit/tfjs";
  tf.enableProdMode();
  try {
    const report = await initBackend(${options});
    const x = tf.variable(tf.tensor1d([1, 2]));
    const optimizer = sgdf();
    optimizer.minimize(() => tf.sum(tf.square(x)) as tf.Scalar);
    await x.data();
    console.log(JSON.stringify({ ...report, text: String(report), current: tf.getBackend(), engine: optimizer.engine }));
  } catch (error) {
    console.log(JSON.stringify({ error: (error as Error).message }));
  }
`;

/** A machine whose Vulkan loader finds no driver. */
const NO_ADAPTER = { VK_DRIVER_FILES: "/nonexistent.json", DENO_WEBGPU_BACKEND: "vulkan" };

Deno.test("without a graphics adapter, wasm is chosen and the reason told", async () => {
  const report = JSON.parse((await run(SCRIPT(""), { env: NO_ADAPTER })).out);
  assert.equal(report.backend, "wasm");
  assert.equal(report.current, "wasm");
  assert.match(report.description, /WebAssembly with SIMD/);
  assert.deepEqual(report.passedOver.map(({ backend }: { backend: string }) => backend), [
    "webgpu",
  ]);
  assert.match(
    report.text,
    /^wasm \(WebAssembly with SIMD\)\n {2}passed over: webgpu, no graphics/,
  );
});

Deno.test("webgpu by name fails where there is no adapter, with what to install", async () => {
  const { error } = JSON.parse((await run(SCRIPT(`"webgpu"`), { env: NO_ADAPTER })).out);
  assert.match(error, /Cannot start a backend\. webgpu: no graphics adapter.*mesa-vulkan-drivers/);
});

backendTest("a software adapter is passed over unless named", "webgpu", async () => {
  const free = JSON.parse((await run(SCRIPT(""))).out);
  const named = JSON.parse((await run(SCRIPT(`"webgpu"`))).out);
  assert.equal(named.backend, "webgpu");
  assert.equal(named.engine, "webgpu");
  if (!named.software) return assert.equal(free.backend, "webgpu"); // a real adapter
  assert.equal(free.backend, "wasm");
  assert.match(free.passedOver[0].reason, /is a software adapter.*by name/);
  assert.match(named.text, /a software adapter/);
});

Deno.test("without permission to read, cpu is chosen and the flag named", async () => {
  const { out, err } = await run(SCRIPT(`{ backends: ["wasm", "cpu"] }`), {
    flags: ["--allow-env"],
  });
  assert.notEqual(out, "", err);
  const report = JSON.parse(out);
  if (report.backend === "wasm") return; // this version reads its own cache without permission
  assert.equal(report.backend, "cpu");
  assert.match(report.passedOver[0].reason, /--allow-read/);
});

Deno.test("a list overrides the order", async () => {
  const report = await initBackend({ backends: ["cpu", "wasm"] });
  assert.equal(report.backend, "cpu");
  assert.deepEqual(report.passedOver, []);
  assert.equal(
    String(report),
    `cpu (JavaScript)\n  kernels for training: ${report.kernels.length}`,
  );
  const plain = await initBackend({ backends: ["cpu", "wasm"], kernels: false });
  assert.equal(String(plain), "cpu (JavaScript)");
});

Deno.test("with a model, only a backend that can train it is taken", async () => {
  const model = conv();
  const trained = await initBackend({ backends: ["wasm", "cpu"], model });
  assert.equal(trained.backend, "wasm");
  assert.ok(trained.kernels.includes("Conv2DBackpropFilter"));
  installTrainingKernels().uninstall();
  try {
    const report = await initBackend({ backends: ["wasm", "cpu"], model, kernels: false });
    assert.equal(report.backend, "cpu");
    assert.match(report.passedOver[0]!.reason, /it lacks the kernel .*Conv2DBackpropFilter/);
    assert.deepEqual(report.kernels, []);
    const needs = ["UnsortedSegmentSum"], kernels = false;
    assert.equal((await initBackend({ backends: ["wasm", "cpu"], needs, kernels })).backend, "cpu");
    await assert.rejects(
      initBackend({ backends: ["wasm"], needs, kernels }),
      /Cannot start a backend\. wasm: it lacks the kernel .*UnsortedSegmentSum/,
    );
    assert.equal(tf.getBackend(), "cpu");
  } finally {
    installTrainingKernels();
    model.dispose();
  }
});

Deno.test("a model is tried without reading or changing its weights", async () => {
  await useBackend("cpu");
  const layers = [
    tfl.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1] }),
    tfl.layers.batchNormalization(),
    tfl.layers.flatten(),
    tfl.layers.dense({ units: 2 }),
  ];
  const model = tfl.sequential({ layers });
  const own = model.getWeights();
  const values = own.map((weight) => [...weight.dataSync()]);
  const before = counts();
  const { backend } = await initBackend({ backends: ["wasm"], model });
  assert.equal(backend, "wasm");
  assert.deepEqual(counts(), before);
  assert.deepEqual(model.getWeights().map(({ id }) => id), own.map(({ id }) => id));
  assert.deepEqual(model.getWeights().map((weight) => [...weight.dataSync()]), values);
  model.dispose();
});

Deno.test("the kernels of a model's training are found without leaving tensors", async () => {
  await useBackend("cpu");
  const model = conv();
  const before = counts();
  const kernels = await trainingKernels(model);
  assert.deepEqual(counts(), before);
  for (const kernel of ["FusedConv2D", "Conv2DBackpropFilter", "BatchMatMul"]) {
    assert.ok(kernels.includes(kernel), `${kernel} is not among ${kernels}`);
  }
  assert.deepEqual(missingKernels(kernels, "cpu"), []);
  model.dispose();
});

backendTest(
  "weights that only a WebGPU device has pass over what cannot have them",
  "webgpu",
  async () => {
    // in a process of its own: reading them without waiting would end it
    const { out, err } = await run(`
    import * as tf from "@tensorflow/tfjs-core";
    import * as tfl from "@tensorflow/tfjs-layers";
    import { adamf, initBackend } from "@signalfit/tfjs";
    tf.enableProdMode();
    await initBackend("webgpu");
    tf.env().set("WEBGPU_CPU_FORWARD", false);
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [3] })] });
    model.compile({ optimizer: adamf(), loss: "meanSquaredError" });
    const { optimizer } = model;
    optimizer.applyGradients(model.trainableWeights.map((weight) => {
      const { name, shape } = weight.read();
      return { name, tensor: tf.ones(shape) };
    }));
    const same = await initBackend({ backends: ["webgpu"], model });
    try {
      await initBackend({ backends: ["wasm", "cpu"], model });
    } catch (error) {
      console.log(JSON.stringify({ same: same.backend, error: error.message, now: tf.getBackend() }));
    }
  `);
    assert.notEqual(out, "", err);
    const { same, error, now } = JSON.parse(out);
    assert.equal(same, "webgpu");
    assert.match(
      error,
      /wasm: the model's weights are on webgpu.*before you build the model\. cpu:/,
    );
    assert.equal(now, "webgpu");
  },
);

Deno.test("a name that is no backend is refused, with the nearest", async () => {
  await assert.rejects(initBackend("wegbpu" as "webgpu"), /got "wegbpu"; did you mean "webgpu"\?/);
  await assert.rejects(initBackend({ backends: [] }), /backends must not be empty/);
});

Deno.test("importing the library loads no backend", async () => {
  const { out } = await run(`
    import * as tf from "@tensorflow/tfjs-core";
    import "@signalfit/tfjs";
    console.log(JSON.stringify(Object.keys(tf.engine().registryFactory)));
  `);
  assert.deepEqual(JSON.parse(out), []);
  assert.ok(tf.getBackend());
});
