import assert from "node:assert/strict";
import { lockDirectory } from "../../src/io/directory_lock.ts";
import { importHost } from "../../src/io/host.ts";
import { ownIdentity } from "../../src/io/process_identity.ts";
import { warnings } from "../callbacks/fixtures.ts";
import { withTempDir } from "../support/temp_dir.ts";

const host = await importHost();
const own = await ownIdentity(host);
const TOKEN = "0123456789abcdef";
const busy = () => true;
const names = (directory: string) =>
  [...Deno.readDirSync(directory)].map(({ name }) => name).sort();

/** Leaves a lock as another process would. */
function leave(directory: string, owner: object | string): void {
  Deno.mkdirSync(`${directory}/lock`);
  Deno.writeTextFileSync(
    `${directory}/lock/owner.json`,
    typeof owner === "string"
      ? owner
      : JSON.stringify({ ...own, token: TOKEN, since: "now", ...owner }),
  );
}

/** A process that has ended. */
async function deadPid(): Promise<number> {
  const child = new Deno.Command("true").spawn();
  await child.status;
  return child.pid;
}

Deno.test("lock - a directory is taken, refused to others, and given back", () =>
  withTempDir(async (directory) => {
    const lock = await lockDirectory(host, directory, "Test", busy);
    assert.deepEqual(names(directory), ["lock"]);
    const owner = JSON.parse(Deno.readTextFileSync(`${directory}/lock/owner.json`));
    assert.deepEqual([owner.pid, owner.host], [Deno.pid, Deno.hostname()]);
    assert.ok(Math.abs(Date.parse(owner.since) - Date.now()) < 60_000);
    await assert.rejects(lockDirectory(host, directory, "Test", busy), {
      message: "another fit of this process is under way there",
    });
    lock.release();
    lock.release();
    assert.deepEqual(names(directory), []);
    (await lockDirectory(host, `${directory}/.`, "Test", busy)).release();
  }));

Deno.test("lock - what a killed process left of its own is removed, what a living one makes is not", () =>
  withTempDir(async (directory) => {
    const make = async (token: string, owner: object | null, age = 0) => {
      const folder = `${directory}/.lock.${token}.tmp`;
      await Deno.mkdir(folder);
      const text = JSON.stringify({ ...own, token, since: "now", ...owner });
      if (owner !== null) await Deno.writeTextFile(`${folder}/owner.json`, text);
      const then = new Date(Date.now() - age);
      await Deno.utime(folder, then, then);
    };
    await make("000000000000dead", { pid: await deadPid() });
    await make("00000000000a1173", { pid: Deno.ppid, began: null });
    await make("0000000000000001", null);
    await make("0000000000000002", null, 61_000);
    const lock = await lockDirectory(host, directory, "Test", busy);
    const left = [".lock.0000000000000001.tmp", ".lock.00000000000a1173.tmp"];
    assert.deepEqual(names(directory), [...left, "lock"]);
    lock.release();
    assert.deepEqual(names(directory), left);
  }));

Deno.test("lock - this process takes over its own once it needs it no more", () =>
  withTempDir(async (directory) => {
    const first = await lockDirectory(host, directory, "Test", () => false);
    const second = await lockDirectory(host, directory, "Test", busy);
    first.release();
    assert.deepEqual(names(directory), ["lock"], "the second one's");
    second.release();
    assert.deepEqual(names(directory), []);
  }));

Deno.test("lock - one that another process holds is refused, naming it", () =>
  withTempDir(async (directory) => {
    leave(directory, { pid: Deno.ppid, began: null, since: "2026-01-02T03:04:05.678Z" });
    await assert.rejects(lockDirectory(host, directory, "Test", busy), {
      message: `process ${Deno.ppid} on ${Deno.hostname()} has been training there since ` +
        `2026-01-02T03:04:05.678Z, and two would remove each other's checkpoints; give each a ` +
        `directory of its own, or remove ${directory}/lock if you know that process to be gone`,
    });
    assert.deepEqual(names(directory), ["lock"]);
  }));

Deno.test("lock - one of another container of the same host name is refused, with what to do", () =>
  withTempDir(async (directory) => {
    leave(directory, { pid: await deadPid(), space: "1" });
    await assert.rejects(
      lockDirectory(host, directory, "Test", busy),
      /^Refusal: process \d+ on .*, perhaps in another container, has been .*, or remove .*\/lock if/,
    );
    assert.deepEqual(names(directory), ["lock"]);
  }));

Deno.test("lock - one that could not be given back is no obstacle to its own process", () =>
  withTempDir(async (directory) => {
    const lock = await lockDirectory(host, directory, "Test", busy);
    const { token } = JSON.parse(Deno.readTextFileSync(`${directory}/lock/owner.json`));
    const inTheWay = `${directory}/.lock.${token}.tmp`;
    Deno.mkdirSync(`${inTheWay}/full`, { recursive: true });
    lock.release();
    assert.ok(names(directory).includes("lock"));
    Deno.removeSync(inTheWay, { recursive: true });
    const next = await lockDirectory(host, directory, "Test", busy);
    await assert.rejects(lockDirectory(host, directory, "Test", busy), /under way there/);
    next.release();
    assert.deepEqual(names(directory), []);
  }));

Deno.test("lock - on another machine nobody knows whether a process is gone", () =>
  withTempDir(async (directory) => {
    leave(directory, { pid: await deadPid(), host: "elsewhere" });
    await assert.rejects(lockDirectory(host, directory, "Test", busy), /on elsewhere has been/);
  }));

Deno.test("lock - another worker of this process is refused as well", () =>
  withTempDir(async (directory) => {
    leave(directory, {});
    await assert.rejects(
      lockDirectory(host, directory, "Test", busy),
      /^Refusal: this process, by a worker or another copy of the library, has been training/,
    );
  }));

Deno.test("lock - that of a dead process that its parent has not asked about is taken over", () =>
  withTempDir(async (directory) => {
    // The child ends at once; its parent becomes another program, which knows nothing of it.
    const shell = new Deno.Command("sh", {
      args: ["-c", "sh -c 'exit 0' & echo $!; exec cat"],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    try {
      const { value } = await shell.stdout.getReader().read();
      const pid = parseInt(new TextDecoder().decode(value));
      const state = async () => (await Deno.readTextFile(`/proc/${pid}/stat`)).split(") ")[1]![0];
      while (await state() !== "Z") await new Promise((resolve) => setTimeout(resolve));
      leave(directory, { pid, began: null });
      const said = await warnings(async () => {
        (await lockDirectory(host, directory, "Test", busy)).release();
      });
      assert.match(said.join(), /it is no longer running/);
    } finally {
      await shell.stdin.close();
      await shell.status;
    }
  }));

for (
  const [what, owner, why] of [
    ["has ended", async () => ({ pid: await deadPid() }), /\d+ on .*: it is no longer running$/],
    [
      "had the number of another",
      () => ({ pid: Deno.ppid, began: "1" }),
      /and another process has/,
    ],
    ["left half a file", () => '{"pid":', /an unknown process: its owner\.json cannot be read/],
  ] as const
) {
  Deno.test(`lock - that of a process that ${what} is taken over, with a warning`, () =>
    withTempDir(async (directory) => {
      leave(directory, await owner());
      const said = await warnings(async () => {
        const results = await Promise.allSettled(
          [1, 2, 3].map(() => lockDirectory(host, directory, "Test", busy)),
        );
        const taken = results.filter((result) => result.status === "fulfilled");
        assert.equal(taken.length, 1, "of three that come at once, one gets it");
        for (const result of results) {
          if (result.status === "rejected") assert.match(String(result.reason), /this process/);
        }
        taken[0]!.value.release();
      });
      assert.equal(said.length, 1);
      assert.ok(said[0]!.startsWith(`Test: took over the lock of ${directory} from `));
      assert.match(said[0]!, why);
      assert.deepEqual(names(directory), []);
    }));
}

Deno.test("lock - given back when a process ends, taken over when it died", () =>
  withTempDir(async (directory) => {
    const script = `
      import process from "node:process";
      import { lockDirectory } from "${import.meta.resolve("../../src/io/directory_lock.ts")}";
      import { importHost } from "${import.meta.resolve("../../src/io/host.ts")}";
      await lockDirectory(await importHost(), ${JSON.stringify(directory)}, "Test", () => true);
      if (HOW === "Deno.exit") Deno.exit(3);
      if (HOW === "process.exit") process.exit(3);
      if (HOW === "kill") Deno.kill(Deno.pid, "SIGKILL");`;
    for (const how of ["return", "Deno.exit", "process.exit", "kill"]) {
      const path = `${directory}/script.ts`;
      await Deno.writeTextFile(path, script.replaceAll("HOW", JSON.stringify(how)));
      await new Deno.Command(Deno.execPath(), { args: ["run", "--allow-all", "--quiet", path] })
        .output();
      assert.deepEqual(
        names(directory),
        how === "kill" ? ["lock", "script.ts"] : ["script.ts"],
        how,
      );
    }
    const said = await warnings(async () =>
      (await lockDirectory(host, directory, "Test", busy)).release()
    );
    assert.match(said.join("\n"), /it is no longer running$/);
  }));
