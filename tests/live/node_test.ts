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
    const child = new Deno.Command("node", { args: [script], stdout: "piped" }).spawn();
    const said = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { url, ...results } = JSON.parse((await said.read()).value!);
    assert.deepEqual(results, {
      page: "<p>page",
      wrong: 403,
      command: 200,
      actions: ["pause"],
      seen: ["event: snapshot", "event: patch"],
    });
    const viewer = await fetch(`${url}events`); // Open to the end.
    const headers = { origin: new URL(url).origin, "content-type": "application/json" };
    const body = JSON.stringify({ action: "stop" });
    assert.equal((await fetch(`${url}control`, { method: "POST", headers, body })).status, 200);
    assert.ok((await said.read()).done);
    assert.equal((await child.status).code, 0);
    await viewer.body!.cancel().catch(() => {});
  });
});
