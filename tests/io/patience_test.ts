import assert from "node:assert/strict";
import { importHost } from "../../src/io/host.ts";
import { patient } from "../../src/io/patience.ts";

const real = (await importHost()).fs;
const refuses = (code: string) => Object.assign(new Error(code), { code });

/** A file system whose renames fail so many times, as on Windows; how long was waited. */
function busy(times: number, code: string) {
  const waits: number[] = [];
  let calls = 0;
  const rename = () => ++calls <= times ? Promise.reject(refuses(code)) : Promise.resolve();
  const fs = patient({ ...real, rename, rm: rename as typeof real.rm }, (milliseconds) => {
    waits.push(milliseconds);
    return Promise.resolve();
  });
  return { fs, waits, calls: () => calls };
}

for (const code of ["EPERM", "EBUSY", "EACCES"]) {
  Deno.test(`patience - what fails with ${code} for a moment is done after it`, async () => {
    const renamed = busy(3, code), removed = busy(1, code);
    await renamed.fs.rename("a", "b");
    await removed.fs.rm("a");
    assert.deepEqual([renamed.waits, renamed.calls()], [[10, 20, 40], 4]);
    assert.deepEqual([removed.waits, removed.calls()], [[10], 2]);
  });
}

Deno.test("patience - ends after a second; other failures are told at once", async () => {
  const forever = busy(Infinity, "EPERM"), missing = busy(Infinity, "ENOENT");
  await assert.rejects(forever.fs.rename("a", "b"), /EPERM/);
  assert.equal(forever.waits.reduce((sum, each) => sum + each), 1000);
  await assert.rejects(missing.fs.rename("a", "b"), /ENOENT/);
  assert.deepEqual([missing.waits, missing.calls()], [[], 1]);
});
