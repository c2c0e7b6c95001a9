import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Recording } from "../../cli/bench/report.ts";
import { backendTest } from "../support/test.ts";

const MAIN = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

/** What a run of the bench gave. */
interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const bench = (...args: string[]): Promise<Run> => benchWith({}, ...args);

/** Runs the bench with environment variables. */
async function benchWith(env: Record<string, string>, ...args: string[]): Promise<Run> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--v8-flags=--expose-gc", MAIN, ...args],
    env: { NO_COLOR: "1", ...env },
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("bench: a short run gives tables and valid JSON with every field", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const [json, markdown] = [`${directory}/bench.json`, `${directory}/bench.md`];
    const { code, stdout, stderr } = await bench(
      ..."--quick --backend cpu,wasm --sizes 10000 --rounds 2".split(" "),
      ...["--only", "(sgdf (simd|loop)|tf.train.adam|hand-written SGDF|36 bytes)$"],
      ...["--json", json, "--markdown", markdown],
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.match(stdout, /^# Milliseconds an optimizer step\n/);
    assert.equal(await Deno.readTextFile(markdown) + "\n", stdout);
    const data = JSON.parse(await Deno.readTextFile(json)) as Recording;
    assert.match(data.date, /^\d{4}-\d\d-\d\dT/);
    assert.equal(data.versions.deno, Deno.version.deno);
    assert.match(data.versions.tfjs, /^4\./);
    assert.match(data.versions.signalfit, /^\d+\.\d+\.\d+/);
    assert.match(data.os, new RegExp(Deno.build.arch));
    assert.equal(typeof data.cpu.model, "string");
    assert.ok(data.cpu.cores >= 1 && data.load >= 0);
    assert.deepEqual(Object.keys(data.wasm), ["simd", "threads"]);
    assert.equal(data.garbageCollection, true);
    assert.deepEqual(data.options.sizes, [1e4]);
    assert.deepEqual(data.options.backend, ["cpu", "wasm"]);
    assert.deepEqual([data.options.peers, data.adapter, data.torch], [false, null, null]);
    assert.equal(data.plan.rounds, 2);
    assert.deepEqual(
      data.results.map((r) => `${r.backend} ${r.workload} ${r.contestant}`),
      [
        "cpu one 1e4 sgdf simd",
        "cpu one 1e4 sgdf loop",
        "cpu one 1e4 tf.train.adam",
        "cpu one 1e4 hand-written SGDF",
        "cpu one 1e4 plain copy of 36 bytes",
        "wasm one 1e4 sgdf simd",
        "wasm one 1e4 sgdf loop",
        "wasm one 1e4 tf.train.adam",
        "wasm one 1e4 plain copy of 36 bytes",
      ],
    );
    for (const result of data.results) {
      assert.equal(result.status, "timed");
      assert.equal(result.reason, null);
      assert.equal(result.parameters, 1e4);
      assert.ok(result.stepsPerSample >= 1);
      assert.equal(result.samples.length, 2);
      const { min, lowerQuartile, median, upperQuartile, max } = result.milliseconds!;
      assert.ok(0 < min && min <= lowerQuartile && lowerQuartile <= median);
      assert.ok(result.processor!.median > 0 && result.calls!.median === median);
      assert.equal(result.counts, null);
      assert.ok(median <= upperQuartile && upperQuartile <= max);
      assert.ok(
        result.timesReference! > 0 && result.bytesPerSecond! > 0 && result.shareOfCopy! > 0,
      );
      assert.equal(result.timesPeer === null, result.backend === "wasm" || result.peer === null);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

backendTest("bench: on webgpu three clocks, counts and the adapter", "webgpu", async () => {
  const json = await Deno.makeTempFile();
  try {
    const { code, stdout, stderr } = await bench(
      ..."--quick --backend webgpu --sizes 1e4 --rounds 2".split(" "),
      ...["--only", "(momentum webgpu|tf.train.adam|36 bytes)$", "--json", json],
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.match(stdout, /WebGPU on ./);
    assert.match(stdout, /^\| contestant .* \| dispatches \| submits \| copies \|/m);
    const data = JSON.parse(await Deno.readTextFile(json)) as Recording;
    assert.equal(typeof data.adapter!.software, "boolean");
    assert.deepEqual(
      data.results.map(({ contestant, status }) => `${contestant} ${status}`),
      ["momentum webgpu timed", "tf.train.adam timed", "plain copy of 36 bytes timed"],
    );
    for (const { milliseconds, processor, calls } of data.results) {
      assert.ok(processor!.median > 0 && 0 < calls!.median);
      assert.ok(calls!.median <= milliseconds!.median, "waiting takes time");
    }
    const [momentum, adam, copy] = data.results.map(({ counts }) => counts!);
    assert.deepEqual([momentum!.dispatches, momentum!.writes, momentum!.buffers], [1, 1, 0]);
    assert.ok(momentum!.copies <= 3 && momentum!.copiedBytes <= 12e4);
    assert.ok(adam!.dispatches >= 10, "one dispatch an operation");
    assert.deepEqual([copy!.submits, copy!.copies, copy!.copiedBytes], [1, 1, 18e4]);
  } finally {
    await Deno.remove(json);
  }
});

Deno.test("bench: webgpu asked for by name, without an adapter", async () => {
  const nothing = { VK_DRIVER_FILES: "/nowhere.json", DENO_WEBGPU_BACKEND: "vulkan" };
  const { code, stdout, stderr } = await benchWith(nothing, "--backend", "cpu,webgpu");
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^Error: Cannot measure webgpu: no graphics adapter was found; install/);
});

Deno.test("bench: what cannot be measured is said", async () => {
  const unknown = await bench("--", "--sizes", "1e4,123");
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /1e4,123.* is not a list of .*1e4.*1e7/s);
  const nothing = await bench("--backend", "cpu", "--only", "no such contestant");
  assert.equal(nothing.code, 1);
  assert.match(nothing.stderr, /^Error: Cannot measure anything/);
});
