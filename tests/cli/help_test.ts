import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/commands.ts";
import { VERSION } from "../../src/version.ts";
import { Snapshots } from "../support/snapshot.ts";
import { signalfit } from "./program.ts";

const snapshots = new Snapshots({ directory: "cli", extension: ".txt" });
const PAGES = [[], ...COMMANDS.map(({ name }) => [name])];
const nameOf = (page: readonly string[]): string => ["help", ...page].join(" ");

for (const page of PAGES) {
  Deno.test(`signalfit ${[...page, "--help"].join(" ")}: the text is the one that was kept`, async () => {
    const { code, stdout, stderr } = await signalfit([...page, "--help"]);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.ok(stdout.split("\n").every((line) => line.length <= 100), "wider than the terminal");
    snapshots.match(nameOf(page), stdout.trimEnd());
  });
}

Deno.test("signalfit: a help text for each command, and no other", () => {
  snapshots.matchNames(PAGES.map(nameOf));
});

Deno.test("signalfit help doctor and -h give the same as doctor --help", async () => {
  const [long, short, command] = await Promise.all(
    [["doctor", "--help"], ["doctor", "-h"], ["help", "doctor"]].map((args) => signalfit(args)),
  );
  assert.deepEqual(short, long);
  assert.deepEqual(command, long);
});

Deno.test("signalfit --version", async () => {
  assert.deepEqual(await signalfit(["--version"]), { code: 0, stdout: `${VERSION}\n`, stderr: "" });
});

Deno.test("signalfit: help needs no permission", async () => {
  const { code, stderr } = await signalfit(["doctor", "--help"], { flags: ["--no-prompt"] });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});
