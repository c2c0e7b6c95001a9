import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Recording } from "../../bench/report.ts";

const MAIN = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

/** Runs the bench. */
async function bench(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--v8-flags=--expose-gc", MAIN, ...args],
    env: { NO_COLOR: "1" },
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
      ..."--quick --sizes 10000 --rounds 2".split(" "),
      ...["--only", "(sgdf loop|tf.train.adam|SGDF|plain copy)$"],
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
    assert.equal(data.plan.rounds, 2);
    assert.deepEqual(
      data.results.map((r) => `${r.backend} ${r.workload} ${r.contestant}`),
      [
        "cpu one 1e4 sgdf loop",
        "cpu one 1e4 tf.train.adam",
        "cpu one 1e4 hand-written SGDF",
        "cpu one 1e4 plain copy",
        "wasm one 1e4 sgdf loop",
        "wasm one 1e4 tf.train.adam",
        "wasm one 1e4 plain copy",
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

Deno.test("bench: what cannot be measured is said", async () => {
  const unknown = await bench("--sizes", "1e4,123");
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /1e4,123.* is not a list of .*1e4.*1e7/s);
  const nothing = await bench("--only", "no such contestant");
  assert.equal(nothing.code, 1);
  assert.match(nothing.stderr, /^Cannot measure anything/);
});
