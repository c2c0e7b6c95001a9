import assert from "node:assert/strict";
import type { Recording } from "../../cli/bench/report.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { bash, CTRL_C, onTerminal, signalfit } from "./program.ts";

const SHORT = ["--backend", "cpu", "--sizes", "1e4", "--rounds", "2"];
const TWO = ["--only", "one 1e4 (sgdf loop|tf.train.adam)$"];

Deno.test("bench: a report to be pasted, also into a file", async () => {
  await withTempDir(async (directory) => {
    const out = `${directory}/bench.md`;
    const { code, stdout, stderr } = await signalfit(["bench", ...SHORT, ...TWO, "--out", out]);
    assert.equal(stderr, `The tables are in ${out}\n`);
    assert.equal(code, 0);
    assert.match(stdout, /^# Milliseconds an optimizer step\n/);
    assert.ok(stdout.includes(`Deno ${Deno.version.deno}`));
    assert.match(stdout, /\| sgdf loop +\| +[\d.]+ \|/);
    assert.doesNotMatch(stdout, /Targets|NaN|undefined/);
    assert.equal(await Deno.readTextFile(out), stdout);
  });
});

Deno.test("bench --json: one document on standard output", async () => {
  const { code, stdout, stderr } = await signalfit(["bench", ...SHORT, ...TWO, "--json"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const { results, options, torch } = JSON.parse(stdout) as Recording;
  assert.deepEqual(
    results.map(({ contestant, status }) => `${contestant} ${status}`),
    ["sgdf loop timed", "tf.train.adam timed"],
  );
  assert.deepEqual([options.quick, options.sizes, torch], [true, [1e4], null]);
});

Deno.test("bench: what cannot be measured or written is said, exit code 1", async () => {
  const nothing = await signalfit(["bench", "--only", "nobody"]);
  assert.equal(nothing.stderr, NOTHING);
  const file = await signalfit(["bench", ...SHORT, ...TWO, "--out", "/proc/bench.md"]);
  assert.match(file.stderr, /^Error: .*\/proc\/bench\.md/);
  assert.deepEqual([nothing.code, file.code], [1, 1]);
});

const NOTHING =
  "Error: Cannot measure anything: --only, --sizes and --backend leave nothing over\n";

Deno.test("bench: Ctrl-C on a terminal prints the tables so far, exit code 130", async () => {
  await withTempDir(async (directory) => {
    const out = `${directory}/out.md`;
    const { code, screen } = await onTerminal(
      `signalfit bench --full --backend cpu --rounds 1000 --only "one 1e4 sgdf|one 1e5" >${out}`,
      { typed: { after: /one 1e5, round 2 of/, keys: CTRL_C } },
    );
    assert.match(screen, /\[1\/2\] cpu one 1e4, /);
    assert.match(screen, /Stopped before the end: the tables hold what there is\./);
    assert.equal(code, 130);
    const text = await Deno.readTextFile(out);
    assert.match(text, /## cpu: One tensor, 1e4 parameters/);
    assert.match(text, /\| sgdf loop +\| +[\d.]+ \|/);
  });
});

Deno.test("a reader that goes away ends the program quietly", async () => {
  const head = await bash(`signalfit --help | head -1; echo "\${PIPESTATUS[0]}"`);
  assert.deepEqual(head, {
    code: 0,
    stdout: "Training add-ons for TensorFlow.js, from the command line.\n0\n",
    stderr: "",
  });
  const gone = await bash(`signalfit bench --help | exec true; echo "\${PIPESTATUS[0]}"`);
  assert.deepEqual(gone, { code: 0, stdout: "0\n", stderr: "" });
});
