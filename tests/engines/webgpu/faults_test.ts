import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { adamf, sgdf } from "@signalfit/tfjs";
import { useBackend } from "../../support/backends.ts";
import { backendTest } from "../../support/test.ts";

const gpuTest = (name: string, body: () => Promise<void>) => backendTest(name, "webgpu", body);

let devices = 0;

/** Runs the body on a device of its own, with the default limits of WebGPU. */
async function onOwnDevice(body: (device: GPUDevice) => Promise<void>): Promise<void> {
  const adapter = (await navigator.gpu.requestAdapter())!;
  const device = await adapter.requestDevice();
  assert.equal(device.limits.maxStorageBuffersPerShaderStage, 8);
  const name = `own-webgpu-${devices++}`;
  tf.registerBackend(name, () => new WebGPUBackend(device, adapter.info as never));
  await tf.setBackend(name);
  try {
    await body(device);
  } finally {
    await useBackend("cpu");
    tf.removeBackend(name);
  }
}

/** Replaces a method of the WebGPU API for the first call in the body. */
async function sabotaged<Name extends keyof GPUDevice>(
  name: Name,
  instead: (original: (argument: never) => unknown, argument: never) => unknown,
  body: () => Promise<void> | void,
): Promise<void> {
  const prototype = GPUDevice.prototype as unknown as Record<string, (argument: never) => unknown>;
  const original = prototype[name as string]!;
  let used = false;
  prototype[name as string] = function (this: unknown, argument: never) {
    const call = (argument: never) => original.call(this, argument);
    if (used) return call(argument);
    used = true;
    return instead(call, argument);
  };
  try {
    await body();
    assert.ok(used, `${String(name)} was not called`);
  } finally {
    prototype[name as string] = original;
  }
}

/** Runs the body, and waits until the device has told what was wrong in it. */
async function answered(body: () => Promise<void> | void): Promise<void> {
  const { popErrorScope } = GPUDevice.prototype, answers: Promise<unknown>[] = [];
  GPUDevice.prototype.popErrorScope = function () {
    const answer = popErrorScope.call(this);
    answers.push(answer);
    return answer;
  };
  try {
    await body();
  } finally {
    GPUDevice.prototype.popErrorScope = popErrorScope;
  }
  assert.ok(answers.length > 0);
  await Promise.all(answers);
}

gpuTest(
  "on a device of one's own, every rule fits its 8 storage buffers",
  () =>
    onOwnDevice(async () => {
      const [x, y] = ["x", "y"].map((name) =>
        tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3]), true, name))
      );
      const optimizer = adamf({ learningRate: 0.1, amsgrad: true, weightDecay: 0.01 });
      const gradient = tf.tensor1d([1, -1, 1]);
      optimizer.applyGradients({ x: gradient, y: gradient });
      optimizer.applyGradients({ y: gradient }); // from now on by a table: one more buffer
      optimizer.applyGradients({ x: gradient, y: gradient });
      await optimizer.check();
      assert.equal(optimizer.engine, "webgpu");
      const values = [...await x!.data(), ...await y!.data()];
      [0.8, 2.2, 2.8, 0.7, 2.3, 2.7].forEach((expected, i) =>
        assert.ok(Math.abs(values[i]! - expected) < 0.02, `${values[i]} for about ${expected}`)
      );
      tf.dispose([x!, y!, gradient]);
      optimizer.dispose();
    }),
);

gpuTest(
  "a destroyed device is an error at check() and at every further step",
  () =>
    onOwnDevice(async (device) => {
      tf.variable(tf.tensor1d([1, 2, 3]), true, "x");
      const gradient = tf.ones([3]);
      const optimizer = sgdf({});
      optimizer.applyGradients({ x: gradient });
      await optimizer.check();
      device.destroy();
      const lost = /the WebGPU device was lost \(destroyed\).*Start a new device/;
      await assert.rejects(optimizer.check(), lost);
      for (let again = 0; again < 2; again++) {
        assert.throws(() => optimizer.applyGradients({ x: gradient }), (error: Error) => {
          assert.match(error.message, /Cannot update "x" with sgdf/);
          assert.match(error.message, lost);
          return true;
        });
      }
      assert.equal(optimizer.stepsOf("x"), 1);
      tf.disposeVariables();
      optimizer.dispose();
    }),
);

const FAULTS: Record<
  string,
  { name: keyof GPUDevice; instead: Parameters<typeof sabotaged>[1]; expected: RegExp }
> = {
  "a failed validation": {
    name: "createBindGroup",
    instead: (original, argument) => {
      const { entries, ...rest } = argument as GPUBindGroupDescriptor;
      return original({ ...rest, entries: [...entries].slice(1) } as never);
    },
    expected: /reported a validation error while updating "x" with sgdf/,
  },
  "a shader that does not compile": {
    name: "createShaderModule",
    instead: (original) => original({ code: "fn sgdf() { this is no WGSL }" } as never),
    expected: /reported a validation error while compiling the shader of sgdf/,
  },
  "an allocation that fails": {
    name: "createBuffer",
    instead: (original, argument) =>
      original({ ...(argument as GPUBufferDescriptor), size: 2 ** 50 } as never),
    expected: /reported a (lack of memory|validation error) while allocating the state of "x"/,
  },
};

for (const [name, { name: method, instead, expected }] of Object.entries(FAULTS)) {
  gpuTest(`${name} is told at check() or the next step, once, with rule and variable`, async () => {
    for (const way of ["check", "step"]) {
      await onOwnDevice(async () => {
        tf.variable(tf.tensor1d([1, 2, 3]), true, "x");
        const gradients = { x: tf.ones([3]) };
        const before = adamf({}); // brings the tensors to the device and fills tfjs's pool of buffers
        for (let step = 0; step < 2; step++) before.applyGradients(gradients);
        const optimizer = sgdf({});
        await answered(() => sabotaged(method, instead, () => optimizer.applyGradients(gradients)));
        if (way === "check") {
          await assert.rejects(optimizer.check(), expected);
        } else {
          assert.throws(() => optimizer.applyGradients(gradients), (error: Error) => {
            assert.match(error.message, /^Cannot update "x" with sgdf: the WebGPU device reported/);
            assert.match(error.message, expected);
            return true;
          });
          assert.equal(optimizer.stepsOf("x"), 1);
        }
        [before, optimizer].forEach((each) => each.dispose());
        tf.disposeVariables();
      });
    }
  });
}

gpuTest(
  "an error of somebody else on the device is told as such",
  () =>
    onOwnDevice(async (device) => {
      tf.variable(tf.tensor1d([1]), true, "x");
      const gradient = tf.ones([1]);
      const optimizer = sgdf({});
      optimizer.applyGradients({ x: gradient });
      const told = new Promise((resolve) =>
        device.addEventListener("uncapturederror", resolve, { once: true })
      );
      device.createShaderModule({ code: "no WGSL" });
      await told;
      assert.throws(
        () => optimizer.applyGradients({ x: gradient }),
        /reported a validation error outside of this optimizer's own work/,
      );
      optimizer.applyGradients({ x: gradient });
      await optimizer.check();
      optimizer.dispose();
      tf.disposeVariables();
    }),
);
