import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import type { Findings } from "../../cli/doctor/findings.ts";
import { selfTest } from "../../cli/doctor/self_test.ts";
import { loop } from "../../src/engines/loop.ts";
import { VERSION } from "../../src/version.ts";
import { counts } from "../support/backends.ts";
import { backendTest } from "../support/test.ts";
import { onTerminal, signalfit } from "./program.ts";

/** An environment in which Vulkan's loader finds no driver. */
const NO_DRIVER = {
  VK_DRIVER_FILES: "/nowhere.json",
  VK_ICD_FILENAMES: "",
  DENO_WEBGPU_BACKEND: "vulkan",
};

Deno.test("doctor: JSON with every finding, and what is missing and how to get it", async () => {
  const { code, stdout, stderr } = await signalfit(["doctor", "--json"], { env: NO_DRIVER });
  assert.equal(stderr, "");
  assert.equal(code, 0);
  const findings = JSON.parse(stdout) as Findings;
  assert.equal(findings.versions.signalfit, VERSION);
  assert.equal(findings.versions.deno, Deno.version.deno);
  assert.equal(findings.versions.node, undefined);
  assert.ok(findings.os.includes(Deno.build.arch));
  assert.ok(findings.cpu.cores >= 1 && findings.memory > 2 ** 28);
  assert.deepEqual(new Set(Object.values(findings.permissions)), new Set(["granted"]));
  assert.ok("missing" in findings.adapter && /no graphics adapter/.test(findings.adapter.missing));
  assert.equal(findings.wasm.simd, true);
  assert.equal(findings.choice.backend, "wasm");
  assert.deepEqual(findings.choice.passedOver.map(({ backend }) => backend), ["webgpu"]);
  const [cpu, wasm, webgpu] = findings.backends;
  assert.deepEqual([cpu!.problem, wasm!.problem], [null, null]);
  assert.match(webgpu!.problem!, /^no graphics adapter was found; install/);
  assert.ok(cpu!.kernels > 150 && cpu!.missingKernels.length === 0);
  assert.ok(wasm!.ownKernels.includes("Conv2DBackpropFilter"));
  assert.ok(!wasm!.missingKernels.includes("Conv2DBackpropFilter"));
  assert.ok(cpu!.ownKernels.includes("UnsortedSegmentSum"));
  assert.deepEqual(
    findings.selfTests.map(({ engine, backend, status }) => `${engine} ${backend} ${status}`),
    ["cpu", "wasm"].flatMap((backend) =>
      ["simd", "loop", "portable"].map((engine) => `${engine} ${backend} ok`)
    ),
  );
  for (const { ulps, allowedUlps, worst } of findings.selfTests) {
    assert.ok(ulps! > 0 && ulps! <= allowedUlps && worst !== null);
  }
  const [variable, driver, ...others] = findings.advice;
  assert.match(variable!, /^VK_DRIVER_FILES is set to \/nowhere\.json.*does not exist\. Unset it/);
  assert.match(driver!, /apt-get install mesa-vulkan-drivers libvulkan1/);
  assert.deepEqual(others, []);
});

Deno.test("doctor: without permissions it says which are missing and what for", async () => {
  const { code, stdout } = await signalfit(["doctor"], {
    flags: ["--no-prompt", "--allow-env"],
    env: NO_DRIVER,
  });
  assert.match(stdout, /permissions +all but read \(\w+\), write \(\w+\), net/);
  assert.match(stdout, /wasm +does not start: .*run with --allow-read/);
  assert.match(
    stdout,
    /The permission "read" is .*: for the \.wasm files.*\. Run with --allow-read\./,
  );
  assert.match(stdout, /initBackend\(\) +takes cpu \(JavaScript\)/);
  assert.match(stdout, /simd on cpu +ok +largest error \d+\.\d ulp/);
  assert.doesNotMatch(stdout, /on wasm/);
  assert.equal(code, 0);
});

Deno.test("doctor: a wrong engine fails its test, and the exit code is 1", async () => {
  const file = fileURLToPath(new URL("wrong_loop.ts", import.meta.url));
  const { code, stdout } = await signalfit(["doctor"], { file, env: NO_DRIVER });
  assert.match(stdout, /loop on cpu +failed +\w+ is off by \d+\.\d units in the last place/);
  assert.match(stdout, /simd on cpu +ok/);
  assert.match(stdout, /The loop engine computes wrong numbers on cpu .* please report it/);
  assert.match(stdout, /2 of 6 self-tests failed\.\n$/);
  assert.equal(code, 1);
});

Deno.test("doctor: progress on a terminal, on standard error alone", async () => {
  const { code, screen } = await onTerminal("signalfit doctor >/dev/null", { env: NO_DRIVER });
  assert.equal(code, 0);
  assert.ok(screen.includes("\x1b[Ktesting simd on cpu …"), screen);
  assert.ok(screen.endsWith("\r\x1b[K"), "the line is removed");
});

/** The loop engine with a step of its own, for as long as `body` runs. */
async function withStep(step: typeof loop.step, body: () => Promise<void>): Promise<void> {
  const original = loop.step;
  loop.step = step;
  try {
    await body();
  } finally {
    loop.step = original;
  }
}

backendTest(
  "self-test: an engine that throws, or gives NaN, has failed; nothing leaks",
  "cpu",
  async () => {
    const before = counts();
    assert.equal((await selfTest("loop", "cpu")).status, "ok");
    await withStep(() => {
      throw new Error("no memory");
    }, async () => {
      const { status, reason, ulps } = await selfTest("loop", "cpu");
      assert.deepEqual([status, reason, ulps], ["failed", "sgdf: no memory", null]);
    });
    const { step } = loop;
    await withStep((work, limit) => {
      step(work, limit);
      for (const { variable } of work) tf.tidy(() => variable.assign(tf.mul(variable, NaN)));
    }, async () => {
      const { status, reason, ulps } = await selfTest("loop", "cpu");
      assert.deepEqual([status, reason, ulps], [
        "failed",
        "sgdf gave a number that is not finite",
        null,
      ]);
    });
    await withStep(() => {}, async () => {
      assert.equal((await selfTest("loop", "cpu")).status, "failed", "no step at all");
    });
    assert.deepEqual(counts(), before);
  },
);
