import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { loopSource } from "../../src/engines/loop.ts";
import { RULES } from "../support/rule_table.ts";
import { Snapshots, snapshotTests } from "../support/snapshot.ts";

snapshotTests(
  { directory: "loop", extension: ".js" },
  RULES.map(({ name, rule }) => ({ name, print: () => loopSource(rule) })),
);

/** Runs a test with a snapshot folder of its own. */
function withFolder(body: (make: (update: boolean) => Snapshots, folder: URL) => void): void {
  const path = Deno.makeTempDirSync();
  const root = new URL(`${pathToFileURL(path)}/`);
  try {
    body(
      (update) => new Snapshots({ directory: "text", extension: ".txt", update, root }),
      new URL("text/", root),
    );
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
}

Deno.test("a snapshot that is missing fails, and so does one that differs", () => {
  withFolder((make) => {
    assert.throws(
      () => make(false).match("a, b", "x"),
      /No snapshot of "a, b".*UPDATE_SNAPSHOTS=1/,
    );
    make(true).match("a, b", "x");
    make(false).match("a, b", "x");
    assert.throws(() => make(false).match("a, b", "y"), /"a, b" has changed/);
    assert.throws(() => make(false).match("a, b", "x\n"), /has changed/);
  });
});

Deno.test("a file without a text fails, and is removed by an update", () => {
  withFolder((make, folder) => {
    make(true).match("Kept, 0.5", "x");
    make(true).match("gone", "x");
    make(false).matchNames(["Kept, 0.5", "gone"]);
    assert.throws(() => make(false).matchNames(["Kept, 0.5"]));
    make(true).matchNames(["Kept, 0.5"]);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["kept_0_5.txt"]);
    make(false).matchNames(["Kept, 0.5"]);
  });
});

Deno.test("two names may not share a file", () => {
  withFolder((make) => {
    make(true).match("a b", "x");
    assert.throws(() => make(false).matchNames(["a b", "a, b"]), /two names have one file/);
    assert.throws(() => make(true).matchNames(["a b", "a, b"]), /two names have one file/);
  });
});
