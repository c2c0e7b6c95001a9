import assert from "node:assert/strict";
import { Controls } from "../../src/live/controls.ts";
import { inDirectory } from "./fixtures.ts";

Deno.test("controls: what may be done when, and what is told", () => {
  const told: string[] = [];
  const controls = new Controls((status) => told.push(status));
  const may = () => (["pause", "resume", "stop"] as const).map((action) => controls.act(action));
  assert.deepEqual(may(), [false, false, false], "nothing is training");
  controls.begin();
  assert.equal(controls.act("resume"), false);
  assert.deepEqual(may(), [true, true, true]);
  assert.deepEqual(may(), [false, false, false], "it is being stopped");
  assert.equal(controls.isStopping, true);
  controls.end();
  controls.begin();
  assert.equal(controls.isStopping, false);
  controls.end();
  assert.deepEqual(
    told,
    ["running", "pausing", "running", "stopping", "stopped", "running", "finished"],
  );
});

Deno.test("controls: a second pause before the first has ended is kept", async () => {
  const told: string[] = [];
  const controls = new Controls((status) => told.push(status));
  controls.begin();
  assert.equal(await controls.passage(), 0);
  controls.act("pause");
  const passage = controls.passage();
  controls.act("resume");
  controls.act("pause");
  await Promise.resolve();
  controls.act("resume");
  assert.ok(await passage > 0);
  assert.equal(told.filter((status) => status === "paused").length, 2);
});

Deno.test("controls: a process that is paused does not end", async () => {
  await inDirectory(async (directory) => {
    const module = new URL("../../src/live/controls.ts", import.meta.url);
    await Deno.writeTextFile(
      `${directory}/main.ts`,
      `import { Controls } from "${module}";
const controls = new Controls(() => {});
controls.begin();
controls.act("pause");
Deno.unrefTimer(setTimeout(() => controls.act("resume"), 100));
controls.passage().then(() => console.log("passed"));`,
    );
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", `${directory}/main.ts`],
    }).output();
    assert.equal(new TextDecoder().decode(stdout), "passed\n");
  });
});
