import assert from "node:assert/strict";
import { inDirectory } from "./fixtures.ts";

async function output(command: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: new URL(".", import.meta.url),
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("node: the server runs in Node as well, and lets the process end", async () => {
  try {
    await output("node", ["--version"]);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log("not tested: there is no node here");
    return;
  }
  await inDirectory(async (directory) => {
    const script = `${directory}/child.mjs`;
    const args = ["bundle", "--quiet", "--platform", "deno", "-o", script, "node_child.ts"];
    await output(Deno.execPath(), args);
    assert.deepEqual(JSON.parse(await output("node", [script])), {
      page: "<p>page",
      wrong: 403,
      command: 200,
      actions: ["pause"],
      seen: ["event: snapshot", "event: patch"],
    });
  });
});
