import assert from "node:assert/strict";
import { join } from "node:path";
import { OPTIMIZER_NAMES } from "../../examples/lib/optimizers.ts";
import { inDirectory, smallDataSet } from "../examples/fixtures.ts";

const DEMO = new URL("../../examples/demo.ts", import.meta.url).pathname;

Deno.test("demo: --live shows every optimizer as a run, --report keeps the page", async () => {
  await inDirectory(smallDataSet(), async (directory) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", DEMO, "--data", ".", "--backend", "cpu"]
        .concat("--epochs", "3", "--batch-size", "50", "--live", "--report", "kept.html"),
      cwd: directory,
      env: { NO_COLOR: "1" },
    }).output();
    const [out, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.equal(code, 0, errors);
    assert.match(out!, /^Live page: http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/m);
    assert.match(out!, /^The page is kept in kept\.html$/m);
    const html = await Deno.readTextFile(join(directory, "kept.html"));
    const [, data] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)!;
    const { runs } = JSON.parse(data!) as { runs: Record<string, unknown>[] };
    assert.deepEqual(
      runs.map(({ name, status, step, epochs, batches }) => [name, status, step, epochs, batches]),
      OPTIMIZER_NAMES.map((name) => [name, "finished", 12, 3, 4]),
    );
    const layers = runs.map((run) => (run.layers as { seen: number }).seen > 0);
    assert.deepEqual(layers, [true, true, false, false], "gains of the optimizers that filter");
  });
});
