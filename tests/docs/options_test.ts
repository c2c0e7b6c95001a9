import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

Deno.test("docs/options.md shows what its program prints", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/options.md", import.meta.url));
  const [, code] = /```ts\n(.*?describe.*?)```/s.exec(page)!;
  const [, output] = /`describe` prints.*?```text\n(.*?)```/s.exec(page)!;
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, code!);
    const config = new URL("../../deno.json", import.meta.url);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", `--config=${fileURLToPath(config)}`, path],
      env: { NO_COLOR: "1" },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    // The first line has measured speeds.
    const printed = new TextDecoder().decode(stdout).split("\n").slice(1).join("\n");
    assert.equal(printed, output);
  } finally {
    await Deno.remove(path);
  }
});
