import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { installTrainingKernels } from "@signalfit/tfjs";
import "../support/backends.ts";

const registered = () =>
  new Map(
    tf.getKernelsForBackend("wasm").map(({ kernelName, kernelFunc }) => [kernelName, kernelFunc]),
  );

Deno.test("kernels are installed once, and taken away again", () => {
  installTrainingKernels().uninstall();
  const before = registered();
  const kernels = installTrainingKernels();
  const during = registered();
  const changed = [...during].filter(([name, kernel]) => before.get(name) !== kernel);
  assert.deepEqual(changed.map(([name]) => name).sort(), kernels.wasm);
  assert.ok(kernels.wasm.includes("BatchMatMul"));
  const again = installTrainingKernels();
  assert.deepEqual([again.wasm, again.cpu, again.gradients], [
    kernels.wasm,
    kernels.cpu,
    kernels.gradients,
  ]);
  assert.deepEqual(registered(), during);
  kernels.uninstall();
  kernels.uninstall();
  assert.deepEqual(registered(), before);
  assert.equal(tf.getGradient("Einsum"), undefined);
});

Deno.test("kernels of a newer tfjs stay, and so do those that are registered later", () => {
  installTrainingKernels().uninstall();
  const kernel = { kernelName: "UnsortedSegmentSum", backendName: "wasm", kernelFunc: () => [] };
  tf.registerKernel(kernel);
  try {
    const { wasm, uninstall } = installTrainingKernels();
    assert.ok(!wasm.includes("UnsortedSegmentSum"));
    assert.equal(tf.getKernel("UnsortedSegmentSum", "wasm"), kernel);
    const later = { kernelName: "Conv2DBackpropFilter", backendName: "wasm", kernelFunc: () => [] };
    tf.unregisterKernel("Conv2DBackpropFilter", "wasm");
    tf.registerKernel(later);
    uninstall();
    assert.equal(tf.getKernel("Conv2DBackpropFilter", "wasm"), later);
    tf.unregisterKernel("Conv2DBackpropFilter", "wasm");
  } finally {
    tf.unregisterKernel("UnsortedSegmentSum", "wasm");
  }
});

Deno.test("what tfjs sets up for its kernels is still set up", async () => {
  const kernels = installTrainingKernels();
  try {
    for (const name of kernels.wasm) {
      const { setupFunc } = tf.getKernel(name, "wasm")!;
      kernels.uninstall();
      assert.equal(setupFunc, tf.getKernel(name, "wasm")?.setupFunc, name);
      installTrainingKernels();
    }
    await tf.setBackend("wasm");
  } finally {
    installTrainingKernels();
  }
});

Deno.test("without the wasm backend, nothing is installed, and the reason is told", async () => {
  const script = `
    import { installTrainingKernels } from "@signalfit/tfjs";
    console.log(JSON.stringify(installTrainingKernels()));
  `;
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, script);
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", `--config=${config}`, path],
    }).output();
    const { wasm, reason } = JSON.parse(new TextDecoder().decode(stdout));
    assert.deepEqual(wasm, []);
    assert.match(reason, /import @tensorflow\/tfjs-backend-wasm first/);
  } finally {
    await Deno.remove(path);
  }
});
