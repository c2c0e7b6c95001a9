import assert from "node:assert/strict";
import fs from "node:fs/promises";
import { fileSystem } from "../../src/io/file_system.ts";
import type { Host } from "../../src/io/host.ts";
import { loadModel } from "../../src/io/load_model.ts";
import { saveModel } from "../../src/io/save_model.ts";
import { artifactsOf, filesIn, methods, valueOf, withDirectory } from "./fixtures.ts";
import { guardedHost } from "./guarded_host.ts";

/** The names of all operations of a save over a former model, in order. */
async function operationsOfASave(): Promise<string[]> {
  const operations: string[] = [];
  await withDirectory(async (directory) => {
    await methods(fileSystem(directory)).save(artifactsOf(1));
    await saveModel(guardedHost((name) => operations.push(name)), directory, artifactsOf(2));
  });
  return operations;
}

Deno.test("a save syncs each file before it renames it, and the directory after", async () => {
  const operations = (await operationsOfASave()).filter((name) => /rename|sync|rm/.test(name));
  assert.deepEqual(
    operations,
    ["sync", "sync", "rename", "sync", "rename", "sync", "rm"],
  );
});

Deno.test("a crash at any operation leaves the former model or the new one", async () => {
  const operations = await operationsOfASave();
  const commit = operations.lastIndexOf("rename");
  for (let crash = 0; crash <= operations.length; crash++) {
    await withDirectory(async (directory) => {
      const { save, load } = methods(fileSystem(directory));
      await save(artifactsOf(1));
      let done = 0;
      const host = guardedHost(() => {
        if (done++ >= crash) throw new Error("crash");
      });
      await saveModel(host, directory, artifactsOf(2)).catch(() => {});
      await host.closeAll();
      assert.equal(valueOf(await load()), crash > commit ? 2 : 1, `crash at ${crash}`);

      await save(artifactsOf(3));
      assert.equal(valueOf(await load()), 3);
      assert.equal(filesIn(directory).length, 2);
    });
  }
});

Deno.test("a failure of any operation is reported and leaves no trace", async () => {
  const operations = await operationsOfASave();
  const commit = operations.lastIndexOf("rename");
  for (let failing = 0; failing < operations.length; failing++) {
    await withDirectory(async (directory) => {
      const { save, load } = methods(fileSystem(directory));
      await save(artifactsOf(1));
      const before = filesIn(directory);
      let done = 0;
      const host = guardedHost(() => {
        if (done++ === failing) throw Object.assign(new Error("full"), { code: "ENOSPC" });
      });
      const error = await saveModel(host, directory, artifactsOf(2)).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      await host.closeAll();
      const where = `${operations[failing]}, operation ${failing}`;
      // That the directory exists is only a question; and what is stale may stay.
      if (!["stat", "rm"].includes(operations[failing] ?? "")) {
        assert.equal((error as Error | undefined)?.message, "full", where);
      } else {
        assert.equal(error, undefined, where);
      }
      const expected = error === undefined || failing > commit ? 2 : 1;
      assert.equal(valueOf(await load()), expected, where);
      if (expected === 1) assert.deepEqual(filesIn(directory), before, where);
    });
  }
});

Deno.test("a failure keeps weights that the former model has as well", async () => {
  await withDirectory(async (directory) => {
    const { save, load } = methods(fileSystem(directory));
    await save(artifactsOf(1));
    const renamed: string[] = [];
    const host = guardedHost((name) => {
      if (name === "rename" && renamed.push(name) === 2) throw new Error("no");
    });
    await assert.rejects(
      saveModel(host, directory, { ...artifactsOf(1), userDefinedMetadata: { epoch: 2 } }),
      { message: "no" },
    );
    assert.equal(valueOf(await load()), 1);
    assert.equal(filesIn(directory).length, 2);
  });
});

Deno.test("a directory in the place of the new weights leaves the former model", async () => {
  await withDirectory(async (root) => {
    await methods(fileSystem(`${root}/other`)).save(artifactsOf(2));
    const [, name = ""] = filesIn(`${root}/other`);
    const directory = `${root}/model`;
    const { save, load } = methods(fileSystem(directory));
    await save(artifactsOf(1));
    Deno.mkdirSync(`${directory}/${name}`);
    const before = filesIn(directory);
    await assert.rejects(save(artifactsOf(2)), (error: Error) => {
      assert.match(error.message, /^Cannot save a model to .*: a directory stands where a file is/);
      assert.ok(error.cause instanceof Error);
      return true;
    });
    assert.deepEqual(filesIn(directory), before);
    assert.equal(valueOf(await load()), 1);
  });
});

Deno.test("a stream of weights that breaks leaves the former model", async () => {
  await withDirectory(async (directory) => {
    const { save, load } = methods(fileSystem(directory));
    await save(artifactsOf(1));
    const before = filesIn(directory);
    async function* broken(): AsyncGenerator<ArrayBuffer> {
      yield await Promise.resolve(new ArrayBuffer(8));
      throw new Error("the connection was lost");
    }
    const { weightData: _, ...artifacts } = artifactsOf(2);
    await assert.rejects(
      save({ ...artifacts, getWeightStream: () => ReadableStream.from(broken()) }),
      { message: `Cannot save a model to ${directory}: the connection was lost` },
    );
    assert.deepEqual(filesIn(directory), before);
    assert.equal(valueOf(await load()), 1);
  });
});

Deno.test("loading while another process saves yields the new model", async () => {
  await withDirectory(async (directory) => {
    const { save } = methods(fileSystem(directory));
    await save(artifactsOf(1));
    let saved: Promise<unknown> | undefined;
    const host = guardedHost(() => {});
    const stat = async (name: string) => {
      saved ??= save(artifactsOf(2));
      await saved;
      return await fs.stat(name);
    };
    const during: Host = { ...host, fs: { ...host.fs, stat: stat as Host["fs"]["stat"] } };
    assert.equal(valueOf(await loadModel(during, directory)), 2);
  });
});
