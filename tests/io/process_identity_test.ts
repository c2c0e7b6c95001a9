import assert from "node:assert/strict";
import { importHost } from "../../src/io/host.ts";
import { ownIdentity, type Present, whyGone } from "../../src/io/process_identity.ts";

const host = await importHost();
const real = await ownIdentity(host);
const OUTERMOST = "4026531836", CONTAINER = "4026532500";
const HOUR = 3600_000, NOW = Date.parse("2026-03-04T12:00:00Z");
const at = (hours: number) => new Date(NOW + hours * HOUR).toISOString();

/** A process that has ended. */
async function deadPid(): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).spawn();
  await child.status;
  return child.pid;
}

const linux: Present = { ...real, host: "box", platform: "linux", space: OUTERMOST, boot: "now" };
const own: Record<"linux" | "container" | "darwin" | "win32", Present> = {
  linux,
  container: { ...linux, space: CONTAINER },
  // Started an hour ago, and another process of this machine has the number.
  darwin: { ...linux, platform: "darwin", space: null, boot: null, started: NOW - HOUR },
  win32: { ...linux, platform: "win32", space: null, boot: null, started: NOW - HOUR },
};
const dead = await deadPid();

for (
  const [what, system, its, why] of [
    ["a process that runs", "linux", {}, undefined],
    ["one that has ended", "linux", { pid: dead }, /no longer running/],
    ["a number that another process has", "linux", { began: "1" }, /another process has its/],
    ["a machine that has restarted", "linux", { boot: "before" }, /started anew/],
    ["another machine", "linux", { pid: dead, host: "other", boot: "before" }, undefined],
    ["another system", "linux", { pid: dead, platform: "win32", space: null }, undefined],
    ["a container, from outside", "linux", { pid: dead, space: CONTAINER }, undefined],
    ["the machine, from a container", "container", { pid: dead, space: OUTERMOST }, undefined],
    ["another container", "container", { pid: dead, space: "4026532999" }, undefined],
    ["a lock of unknown space", "linux", { pid: dead, space: null }, undefined],
    [
      "a container elsewhere",
      "container",
      { pid: dead, boot: "b", space: "4026532999" },
      undefined,
    ],
    ["a process of the same container", "container", { pid: dead }, /no longer running/],
    ["one that runs in the same container", "container", {}, undefined],
    ["a lock from before the start of a Mac", "darwin", { since: at(-2) }, /started anew/],
    ["a lock from before the start of a PC", "win32", { since: at(-2) }, /started anew/],
    ["a lock since then", "win32", { since: at(-0.5) }, undefined],
    ["a clock that was put right", "darwin", { since: at(-1.01) }, undefined],
    ["one that has ended on a Mac", "darwin", { pid: dead, since: at(-0.5) }, /no longer running/],
  ] as const
) {
  Deno.test(`whyGone - ${what}`, async () => {
    const present = own[system];
    const gone = await whyGone(host, { ...present, ...its }, present);
    if (why === undefined) assert.equal(gone, undefined);
    else assert.match(gone!, why);
  });
}

Deno.test("whyGone - where the namespace may not be asked for, nobody is gone", async () => {
  const blind: Present = { ...own.linux, space: null };
  assert.equal(await whyGone(host, { ...blind, pid: dead }, blind), undefined);
});

Deno.test("ownIdentity - tells the namespace on Linux, and when the machine started", () => {
  if (real.platform === "linux") assert.match(real.space!, /^\d+$/);
  assert.ok(real.started! < Date.now());
});
