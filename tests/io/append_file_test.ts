import assert from "node:assert/strict";
import { AppendFile } from "../../src/io/append_file.ts";
import { type Host, importHost } from "../../src/io/host.ts";
import { withTempDir } from "../support/temp_dir.ts";

const read = (path: string) => Deno.readTextFile(path);

/** A host whose writes stop after so many bytes, as on a full disk, until `heal`. */
async function fullDisk(room: number): Promise<{ host: () => Promise<Host>; heal: () => void }> {
  const real = await importHost();
  let isFull = true;
  const open = async (...args: Parameters<Host["fs"]["open"]>) => {
    const handle = await real.fs.open(...args);
    const write = handle.write.bind(handle) as (
      bytes: Uint8Array,
      offset: number,
      length: number,
    ) => Promise<{ bytesWritten: number }>;
    let left = room;
    handle.write = (async (bytes: Uint8Array, offset: number, length: number) => {
      if (!isFull) return await write(bytes, offset, length);
      if (left === 0) throw Object.assign(new Error("no room"), { code: "ENOSPC" });
      const part = Math.min(left, length);
      left -= part;
      return await write(bytes, offset, part);
    }) as typeof handle.write;
    return handle;
  };
  const host = { ...real, fs: { ...real.fs, open: open as Host["fs"]["open"] } };
  return { host: () => Promise.resolve(host), heal: () => void (isFull = false) };
}

Deno.test("AppendFile - pieces are written in order, once", () =>
  withTempDir(async (directory) => {
    const path = `${directory}/a/b/log`, file = new AppendFile(path);
    assert.deepEqual(await file.open("nothing"), { bytes: 0, dropped: 0, missing: 0 });
    file.add("one\n");
    file.add(new TextEncoder().encode("two é\n"));
    await Promise.all([file.flush(), file.flush()]);
    file.add("three\n");
    assert.ok(file.waited >= 0);
    const late = file.flush();
    file.add("four\n");
    await Promise.all([late, file.flush()]);
    assert.equal(await read(path), "one\ntwo é\nthree\nfour\n");
    assert.equal(file.waited, 0);
    assert.equal(file.bytes, (await Deno.stat(path)).size);
    assert.equal(await file.head(6), "one\ntw");
    assert.equal(await new AppendFile(`${directory}/none`).head(6), "");
  }));

Deno.test("AppendFile - what is kept of a file", () =>
  withTempDir(async (directory) => {
    const path = `${directory}/log`, long = "x".repeat(200_000);
    for (
      const [content, keep, left, found] of [
        ["a\nb\n", "nothing", "", { bytes: 0, dropped: 4, missing: 0 }],
        ["a\nb\n", "lines", "a\nb\n", { bytes: 4, dropped: 0, missing: 0 }],
        ["a\nb\nc", "lines", "a\nb\n", { bytes: 4, dropped: 1, missing: 0 }],
        ["abc", "lines", "", { bytes: 0, dropped: 3, missing: 0 }],
        [`a\n${long}`, "lines", "a\n", { bytes: 2, dropped: 200_000, missing: 0 }],
        [`${long}\nb`, "lines", `${long}\n`, { bytes: 200_001, dropped: 1, missing: 0 }],
        ["a\nb\nc\n", 4, "a\nb\n", { bytes: 4, dropped: 2, missing: 0 }],
        ["a\n", 4, "a\n", { bytes: 2, dropped: 0, missing: 2 }],
      ] as const
    ) {
      await Deno.writeTextFile(path, content);
      const file = new AppendFile(path);
      assert.deepEqual(await file.open(keep), found);
      file.add("new\n");
      await file.flush();
      assert.equal(await read(path), `${left}new\n`);
    }
  }));

Deno.test("AppendFile - a write that fails leaves whole pieces, and is made up for", () =>
  withTempDir(async (directory) => {
    const path = `${directory}/log`, { host, heal } = await fullDisk(5);
    const file = new AppendFile(path, host);
    await file.open("nothing");
    file.add("1234\n");
    await file.flush();
    file.add("5678\n");
    file.add("9\n");
    await assert.rejects(
      () => file.flush(),
      new RegExp(`^Error: Cannot log to ${path}: no space is left on the device`),
    );
    assert.equal(await read(path), "1234\n", "the five bytes that had room are taken back");
    file.add("10\n");
    heal();
    await file.flush();
    assert.equal(await read(path), "1234\n5678\n9\n10\n");
  }));

Deno.test("AppendFile - Windows, where a file that is open to append cannot be cut", () =>
  withTempDir(async (directory) => {
    const path = `${directory}/log`, { host: full, heal } = await fullDisk(5);
    const host = async () => {
      const real = await full(), refused = Object.assign(new Error("cut"), { code: "EPERM" });
      const open = async (...args: Parameters<Host["fs"]["open"]>) => {
        const handle = await real.fs.open(...args);
        if (String(args[1]).startsWith("a")) handle.truncate = () => Promise.reject(refused);
        return handle;
      };
      return { ...real, fs: { ...real.fs, open: open as Host["fs"]["open"] } };
    };
    await Deno.writeTextFile(path, "a\nb\nc");
    const file = new AppendFile(path, host);
    assert.deepEqual(await file.open("lines"), { bytes: 4, dropped: 1, missing: 0 });
    file.add("12345678\n");
    await assert.rejects(() => file.flush(), /no space is left/);
    assert.equal(await read(path), "a\nb\n", "nothing of a line that had no room");
    heal();
    await file.flush();
    assert.deepEqual(await file.open(2), { bytes: 2, dropped: 11, missing: 0 });
    assert.deepEqual(await file.open("nothing"), { bytes: 0, dropped: 2, missing: 0 });
    assert.equal(await read(path), "");
  }));

Deno.test("AppendFile - errors name the file", () =>
  withTempDir(async (directory) => {
    await assert.rejects(
      () => new AppendFile(directory).open("lines"),
      new RegExp(`Cannot log to ${directory}: a directory stands where a file is needed`),
    );
    const nowhere = new AppendFile("log", () => Promise.reject(new Error("no modules")));
    await assert.rejects(
      () => nowhere.open("lines"),
      /^Error: Cannot log to log: there is no file system here$/,
    );
  }));
