import assert from "node:assert/strict";
import { LivePage } from "@signalfit/tfjs/live";
import { warnings } from "../callbacks/fixtures.ts";
import { backendTest } from "../support/test.ts";
import { inDirectory, smallTask } from "./fixtures.ts";

const FIT = { epochs: 2, batchSize: 16, shuffle: false, verbose: 0 } as const;

/** Trains with a page and gives what it holds in the end. */
async function train(page: LivePage) {
  using task = smallTask();
  await page.start();
  await task.model.fit(task.xs, task.ys, { ...FIT, callbacks: [page] });
  await page.close();
  return page.getState();
}

backendTest("report: one file that holds all and needs nothing else", "cpu", async () => {
  await inDirectory(async (directory) => {
    const report = `${directory}/out.html`, title = "</script><script>alert(1)</script><!--";
    const state = await train(new LivePage({ report, title }));
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["out.html"]);
    const html = await Deno.readTextFile(report);
    const [, data] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)!;
    assert.deepEqual(JSON.parse(data!), state);
    assert.equal(state.title, title);
    assert.equal(html.match(/<script/g)!.length, 3, "data, library, page");
    assert.doesNotMatch(html, /<(link|script|img|iframe)[^>]+(src|href)="(?!data:)/);
    assert.doesNotMatch(html, /@import|url\(/);
    assert.match(html, /Content-Security-Policy" content="default-src 'none'; script-src 'sha256-/);
    assert.doesNotMatch(html, /127\.0\.0\.1/);
  });
});

backendTest("report: where it cannot be written, the training is not lost", "cpu", async () => {
  using task = smallTask();
  const page = new LivePage({ report: "/nowhere/at/all/out.html" });
  await page.start();
  const seen = await warnings(async () => {
    const { epoch } = await task.model.fit(task.xs, task.ys, { ...FIT, callbacks: [page] });
    assert.equal(epoch.length, 2);
  });
  assert.match(seen.join(), /^LivePage: Cannot write the report \/nowhere.*: no such file/);
  await assert.rejects(page.close(), /^Error: Cannot write the report/);
});

backendTest("compare: takes reports and exports of earlier pages", "cpu", async () => {
  await inDirectory(async (directory) => {
    const [report, json] = [`${directory}/a.html`, `${directory}/b.json`];
    const earlier = await train(new LivePage({ report }));
    await Deno.writeTextFile(json, JSON.stringify(earlier));
    const state = await train(new LivePage({ compare: [report, json] }));
    assert.deepEqual(state.runs.map(({ id, status }) => [id, status]), [
      ["earlier-1-1", "earlier"],
      ["earlier-2-1", "earlier"],
      ["run-1", "finished"],
    ]);
    for (const run of state.runs.slice(0, 2)) {
      assert.deepEqual(run.series, earlier.runs[0]!.series);
      assert.deepEqual(run.facts, earlier.runs[0]!.facts);
    }
  });
});

const run = { name: "a", started: 1, elapsed: 1, step: 1, epoch: 1, facts: [], series: [] };
const series = { name: "a", stride: 1, x: [1], y: [1], low: [], high: [], rest: null };
const DAMAGED: [what: string, content: string | object, message: RegExp][] = [
  ["no JSON", "{", /it is no JSON, nor a report of a live page/],
  ["another page", "<html><script>1</script></html>", /it is no JSON/],
  ["null", "null", /format must be "signalfit-live-1"/],
  ["another format", { format: "signalfit-live-0" }, /format must be/],
  ["no runs", { format: "signalfit-live-1" }, /must have runs/],
  ["too many runs", { format: "signalfit-live-1", runs: Array(33).fill(run) }, /32 at most/],
  ...[
    null,
    { ...run, name: 1 },
    { ...run, step: null },
    { ...run, facts: [["a", 1]] },
    { ...run, series: [{ ...series, x: [1, 2] }] },
    { ...run, series: [{ ...series, x: [null] }] },
    { ...run, series: [{ ...series, y: ["<b>"] }] },
    { ...run, series: [{ ...series, stride: 2 }] },
    { ...run, series: [{ ...series, rest: 1 }] },
    { ...run, series: [{ ...series, x: Array(5000).fill(1), y: Array(5000).fill(1) }] },
  ].map((run, i): [string, object, RegExp] => [
    `damaged run ${i}`,
    { format: "signalfit-live-1", runs: [run] },
    /run 1 is damaged/,
  ]),
];

for (const [what, content, message] of DAMAGED) {
  Deno.test(`compare: refuses ${what}, naming the file`, async () => {
    await inDirectory(async (directory) => {
      const path = `${directory}/earlier.json`;
      await Deno.writeTextFile(
        path,
        typeof content === "string" ? content : JSON.stringify(content),
      );
      const page = new LivePage({ compare: [path] });
      await assert.rejects(page.start(), (error: Error) => {
        assert.ok(error.message.startsWith(`Cannot compare with ${path}: `));
        assert.match(error.message, message);
        return true;
      });
    });
  });
}
