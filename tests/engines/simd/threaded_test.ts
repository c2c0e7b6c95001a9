import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

Deno.test("simd: works in the shared memory of tfjs's threaded build, which grows", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--quiet",
      "--no-check",
      fileURLToPath(new URL("./threaded_child.ts", import.meta.url)),
    ],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const { shared, grown, rules } = JSON.parse(new TextDecoder().decode(stdout));
  assert.ok(shared && grown && rules > 20);
});
