import assert from "node:assert/strict";
import { adapterMissing } from "../../src/backends/adapter.ts";

Deno.test("a missing adapter: what to install is told on Linux alone, not to browsers", () => {
  assert.match(adapterMissing("linux"), /^no graphics adapter was found; .*apt-get install/);
  for (const os of [undefined, "darwin", "windows"]) {
    assert.equal(adapterMissing(os), "no graphics adapter was found");
  }
});
