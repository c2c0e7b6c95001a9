import assert from "node:assert/strict";
import {
  checkpointName,
  listCheckpoints,
  removeCheckpoint,
  removeUnfinished,
  writeCheckpoint,
} from "../../src/io/checkpoint_files.ts";
import { readCheckpoint } from "../../src/io/checkpoint_read.ts";
import { importHost } from "../../src/io/host.ts";
import { filesIn, withDirectory } from "./fixtures.ts";
import { guardedHost } from "./guarded_host.ts";

const host = await importHost();
const FILES = [
  { name: "a.json", content: '{"ü": 1}' },
  { name: "b.bin", content: Uint8Array.of(1, 2, 3).buffer },
  { name: "empty.bin", content: new ArrayBuffer(0) },
];

async function readBack(folder: string): Promise<unknown> {
  const files = await readCheckpoint(host, folder);
  return [...files].map(([name, bytes]) => [name, [...bytes]]);
}

const WHOLE = [
  ["a.json", [...new TextEncoder().encode('{"ü": 1}')]],
  ["b.bin", [1, 2, 3]],
  ["empty.bin", []],
];

/** The names of all operations of writing a checkpoint. */
async function operationsOfAWrite(): Promise<string[]> {
  const operations: string[] = [];
  await withDirectory((directory) =>
    writeCheckpoint(guardedHost((name) => operations.push(name)), directory, "000001-step-1", FILES)
  );
  return operations;
}

Deno.test("checkpoint files: written and read back, in order of their numbers", async () => {
  await withDirectory(async (directory) => {
    const names = [9, 1_000_000, 10].map((sequence) => checkpointName(sequence, 3));
    assert.deepEqual(names, ["000009-step-3", "1000000-step-3", "000010-step-3"]);
    for (const name of names) await writeCheckpoint(host, directory, name, FILES);
    Deno.mkdirSync(`${directory}/foreign`);
    Deno.writeTextFileSync(`${directory}/000011-step-3.txt`, "");
    const found = await listCheckpoints(host, directory);
    assert.deepEqual(found.map(({ sequence }) => sequence), [9, 10, 1_000_000]);
    for (const { name } of found) assert.deepEqual(await readBack(`${directory}/${name}`), WHOLE);
    await removeCheckpoint(host, directory, "000010-step-3");
    await removeCheckpoint(host, directory, "000010-step-3");
    assert.deepEqual(filesIn(directory), [
      "000009-step-3",
      "000011-step-3.txt",
      "1000000-step-3",
      "foreign",
    ]);
  });
});

Deno.test("checkpoint files: each is synced before the folder gets its name", async () => {
  const operations = (await operationsOfAWrite()).filter((name) => /rename|sync/.test(name));
  assert.deepEqual(operations, ["sync", "sync", "sync", "sync", "sync", "rename", "sync"]);
});

Deno.test("checkpoint files: a crash at any operation leaves all of it or nothing", async () => {
  const operations = await operationsOfAWrite(), commit = operations.indexOf("rename");
  for (let crash = 0; crash <= operations.length; crash++) {
    await withDirectory(async (directory) => {
      await writeCheckpoint(host, directory, "000001-step-1", FILES);
      let done = 0;
      const crashing = guardedHost(() => {
        if (done++ >= crash) throw new Error("crash");
      });
      await writeCheckpoint(crashing, directory, "000002-step-2", FILES).catch(() => {});
      await crashing.closeAll();
      const found = (await listCheckpoints(host, directory)).map(({ name }) => name);
      const expected = ["000001-step-1", ...crash > commit ? ["000002-step-2"] : []];
      assert.deepEqual(found, expected, `crash at ${crash}`);
      for (const name of found) assert.deepEqual(await readBack(`${directory}/${name}`), WHOLE);
      await removeUnfinished(host, directory);
      assert.deepEqual(filesIn(directory), expected);
    });
  }
});

Deno.test("checkpoint files: a failure of any operation is reported and leaves no trace", async () => {
  const operations = await operationsOfAWrite(), commit = operations.indexOf("rename");
  for (let failing = 0; failing <= commit; failing++) {
    await withDirectory(async (directory) => {
      let done = 0;
      const full = guardedHost(() => {
        if (done++ === failing) throw Object.assign(new Error("full"), { code: "ENOSPC" });
      });
      await assert.rejects(writeCheckpoint(full, directory, "000001-step-1", FILES), {
        message: "full",
      });
      await full.closeAll();
      assert.deepEqual(filesIn(directory), [], operations[failing]);
    });
  }
});

Deno.test("checkpoint files: whatever is not whole is refused, naming the file", async () => {
  const write = (name: string, content: string | Uint8Array) => (folder: string) =>
    typeof content === "string"
      ? Deno.writeTextFileSync(`${folder}/${name}`, content)
      : Deno.writeFileSync(`${folder}/${name}`, content);
  const manifest = (change: (text: string) => string) => (folder: string) => {
    const path = `${folder}/manifest.json`;
    Deno.writeTextFileSync(path, change(Deno.readTextFileSync(path)));
  };
  const damages: [(folder: string) => void, RegExp][] = [
    [(folder) => Deno.removeSync(`${folder}/manifest.json`), /^manifest\.json is missing$/],
    [(folder) => Deno.removeSync(`${folder}/b.bin`), /^b\.bin is missing$/],
    [write("b.bin", Uint8Array.of(1, 2)), /^b\.bin is damaged: 2 bytes in place of 3$/],
    [write("b.bin", Uint8Array.of(1, 2, 3, 4)), /^b\.bin is damaged: 4 bytes in place of 3$/],
    [
      write("b.bin", Uint8Array.of(1, 2, 2)),
      /^b\.bin is damaged: the SHA-256 of its content is \w{16}…, not 039058c6f2c0cb49… as manifest/,
    ],
    [
      manifest((text) => text.slice(0, -9)),
      /^manifest\.json is damaged: it is not valid JSON, with/,
    ],
    [manifest(() => "null"), /must have the format "signalfit-checkpoint-1", got undefined$/],
    [manifest((text) => text.replace("-1", "-2")), /got "signalfit-checkpoint-2"$/],
    [
      manifest((text) => text.replace('"bytes": 3', '"bytes": -3')),
      /it must list files with sizes/,
    ],
    [manifest((text) => text.replace("b.bin", "../b.bin")), /it must list files with sizes/],
    [manifest((text) => text.replace("b.bin", "..")), /it must list files with sizes/],
  ];
  for (const [damage, message] of damages) {
    await withDirectory(async (directory) => {
      await writeCheckpoint(host, directory, "000001-step-1", FILES);
      damage(`${directory}/000001-step-1`);
      await assert.rejects(readBack(`${directory}/000001-step-1`), { name: "Refusal", message });
    });
  }
});
