import assert from "node:assert/strict";
import type { Machine } from "../../cli/bench/machine.ts";
import type { Result } from "../../cli/bench/measure.ts";
import { reportTargets } from "../../bench/targets.ts";
import { number, report, table } from "../../cli/bench/report.ts";
import { summarize } from "../../cli/bench/statistics.ts";

Deno.test("table: columns are padded and aligned, bars are escaped", () => {
  const rows = [{ name: "a|b", size: 5 }, { name: "longer", size: 12345 }];
  const text = table<typeof rows[number]>([
    { title: "name", cell: ({ name }) => name },
    { title: "n", align: "right", cell: ({ size }) => String(size) },
  ], rows);
  assert.equal(
    text,
    [
      "| name   |     n |",
      "| ------ | ----: |",
      "| a\\|b   |     5 |",
      "| longer | 12345 |",
    ].join("\n"),
  );
});

Deno.test("number: three digits without an exponent", () => {
  const cases = { 0.000123456: "0.000123", 1.2345: "1.23", 45.67: "45.7", 12345: "12345" };
  for (const [value, text] of Object.entries(cases)) assert.equal(number(Number(value)), text);
  assert.equal(number(0), "0");
});

/** The report of the benchmark, its targets included. */
const withTargets = (machine: Machine, results: readonly Result[]): string =>
  report(machine, results, reportTargets(results));

const machine: Machine = {
  date: "2030-01-02T03:04:05.000Z",
  versions: { signalfit: "1.2.3", deno: "2", v8: "15", tfjs: "4" },
  os: "linux 6 x86_64",
  cpu: { model: "Some CPU", cores: 2 },
  wasm: { simd: true, threads: false },
  adapter: null,
  torch: null,
  garbageCollection: true,
  load: 0.25,
};

const result = (contestant: string, ms: number | null, more: Partial<Result> = {}): Result => ({
  backend: "cpu",
  workload: "one 1e6",
  parameters: 1e6,
  contestant,
  status: ms === null ? "wrong" : "timed",
  reason: ms === null ? "element 3 is off" : null,
  stepsPerSample: 1,
  samples: ms === null ? [] : [ms],
  milliseconds: ms === null ? null : summarize([ms]),
  processor: ms === null ? null : summarize([2 * ms]),
  calls: ms === null ? null : summarize([ms / 2]),
  counts: null,
  timesReference: ms === null ? null : 200 / ms,
  peer: null,
  timesPeer: null,
  bytesPerSecond: ms === null ? null : 28e9 / ms,
  shareOfCopy: ms === null ? null : 0.5,
  ...more,
});

Deno.test("report: tables, reasons and targets", () => {
  const text = withTargets(machine, [
    result("sgdf loop", 8, { peer: "hand-written SGDF", timesPeer: 0.5 }),
    result("adamf loop", null),
    result("tf.train.adam", 200),
    result("hand-written SGDF", 4),
  ]);
  const lines = text.split("\n");
  assert.match(text, /signalfit 1\.2\.3, Deno 2, .*wasm with SIMD, without threads/);
  assert.ok(lines.includes("## cpu: One tensor, 1e6 parameters"));
  const row = lines.filter((line) => line.startsWith("| sgdf loop"))[1]!;
  assert.deepEqual(row.split("|").map((cell) => cell.trim()).slice(1, -1), [
    "sgdf loop",
    "8.00",
    "8.00",
    "8.00 to 8.00",
    "25.0",
    "0.50 hand-written SGDF",
    "3.50",
    "50.0 %",
  ]);
  assert.ok(lines.includes("- adamf loop: wrong, element 3 is off"));
  assert.ok(lines.includes(
    "  - sgdf loop, one 1e6: 0.50x hand-written SGDF, missed; 0.50x by the fastest samples",
  ));
  assert.ok(lines.includes(
    "  - sgdf loop, one 1e6: 25.00x tf.train.adam, met; 25.00x by the fastest samples",
  ));
});

Deno.test("report: on webgpu the other clocks, what was counted, and targets by the processor", () => {
  const counts = {
    dispatches: 1,
    submits: 2,
    copies: 180,
    copiedBytes: 12e5,
    writes: 1,
    writtenBytes: 48,
    buffers: 0,
  };
  const where = { backend: "webgpu", workload: "sixty 1e5", parameters: 1e5 } as const;
  const text = withTargets({ ...machine, adapter: { description: "A driver", software: true } }, [
    result("sgdf webgpu", 2, { ...where, counts, processor: summarize([1]) }),
    result("tf.train.adam", 100, { ...where, counts: { ...counts, submits: 2.5 } }),
  ]);
  const lines = text.split("\n");
  const rows = lines.filter((line) => line.startsWith("| sgdf webgpu")).map((line) =>
    line.split("|").map((cell) => cell.trim()).slice(1, -1)
  );
  assert.match(text, /WebGPU on A driver, a software driver: its times tell nothing about a GPU/);
  assert.deepEqual(rows[1]!.slice(4, 8), ["1.00", "1.00", "200", "100"]);
  assert.deepEqual(rows[2], ["sgdf webgpu", "1", "2", "180", "1200000", "12", "1", "48", "0"]);
  assert.ok(lines.includes(
    "  - sgdf webgpu, sixty 1e5: 200.00x tf.train.adam, met; 200.00x by the fastest samples",
  ));
});

Deno.test("report: targets as a share of the copy, and beside PyTorch", () => {
  const where = { backend: "wasm" } as const;
  const text = withTargets({ ...machine, torch: "1.13.1" }, [
    result("adamf simd", 2, { ...where, shareOfCopy: 0.625 }),
    result("torch.optim.Adam", 5, where),
    result("SGDF in torch operations", 9, where),
  ]);
  assert.match(text, /PyTorch 1\.13\.1 on one thread/);
  for (
    const line of [
      "  - adamf simd, one 1e6: 62.5 % of a plain copy, met",
      "  - adamf simd, one 1e6: 2.50x torch.optim.Adam, met; 2.50x by the fastest samples",
      "  - adamf simd, one 1e6: 4.50x SGDF in torch operations, missed; 4.50x by the fastest samples",
    ]
  ) assert.ok(text.split("\n").includes(line), line);
});
