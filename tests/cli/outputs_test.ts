import assert from "node:assert/strict";
import { join } from "node:path";
import { bench } from "../../cli/bench/command.ts";
import type { Command } from "../../cli/command.ts";
import { compare } from "../../cli/compare/command.ts";
import { diffuse } from "../../cli/diffuse/command.ts";
import { train } from "../../cli/train/command.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { runCommand } from "./in_process.ts";

const QUICK = ["--model", "linear", "--epochs", "1", "--backend", "cpu"];
const TABLE = "a,b,y\n" +
  Array.from({ length: 12 }, (_, i) => `${i},${i * i % 5},${i}.5\n`).join("");

/** Everything below a directory, by path. */
async function contents(directory: string, below = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(join(directory, below))) {
    const path = join(below, name);
    if (isDirectory) Object.assign(found, await contents(directory, path));
    else found[path] = await Deno.readTextFile(join(directory, path));
  }
  return found;
}

/** A command that would write what it reads, or what is somebody's own. `D` is the directory. */
const REFUSED: readonly [command: Command, args: string, message: RegExp][] = [
  [train, "--data D/x.csv --csv D/x.csv", /^--csv .*x\.csv is what --data reads: nothing is/],
  [train, "--data D/x.csv --csv D/link.csv", /^--csv .*link\.csv is what --data reads/],
  [train, "--data D/x.csv --csv D/sub/../x.csv", /^--csv .*x\.csv is what --data reads/],
  [train, "--data iris --csv D/x.csv", /^--csv would overwrite .*x\.csv, which is not a history/],
  [train, "--data iris --report D/own.html", /^--report would overwrite .*, which is not a page/],
  [train, "--data iris --csv D/n.csv --tensorboard D/n.csv", /n\.csv is what --csv writes/],
  [train, "--data iris --save D/model", /^--save would overwrite .*data\.json, which is not what/],
  [train, "--data iris --model D/m --save D/m", /^--save .*m is what --model reads/],
  [train, "--data iris --checkpoints D/run", /^--checkpoints would overwrite .*run\.json/],
  [compare, "--data D/x.csv --csv D/x.csv --record D/r --out D/n.svg", /^--csv .* --data reads/],
  [compare, "--data iris --record D/x.csv --out D/n.svg", /^--record would overwrite .*x\.csv/],
  [compare, "--data iris --record D/r --out D/own.svg", /^--out would overwrite .*own\.svg/],
  [diffuse, "--data D/x.csv --out D --width 8 --steps 1", /^--out would overwrite .*samples\.csv/],
  [bench, "--sizes 1e4 --out D/own.md", /^--out would overwrite .*own\.md, which is not a report/],
];

for (const [command, args, message] of REFUSED) {
  Deno.test(`${command.name} ${args}: refused, and nothing is written`, async () => {
    await withTempDir(async (directory) => {
      const topology = {
        class_name: "Sequential",
        config: {
          name: "s",
          layers: [{
            class_name: "Dense",
            config: { units: 3, activation: "softmax", batch_input_shape: [null, 4], name: "d" },
          }],
        },
      };
      const files: Record<string, string> = {
        "x.csv": TABLE,
        "own.html": "<!doctype html><title>Mine</title>",
        "own.svg": "<svg></svg>",
        "own.md": "# Mine\n",
        "samples.csv": "mine\n",
        "model/data.json": '{"mine": true}',
        "m/model.json": JSON.stringify(topology),
        "run/run.json": '{"mine": true}',
        "sub/empty": "",
      };
      for (const name of ["model", "m", "run", "sub"]) await Deno.mkdir(join(directory, name));
      for (const [name, text] of Object.entries(files)) {
        await Deno.writeTextFile(join(directory, name), text);
      }
      await Deno.link(join(directory, "x.csv"), join(directory, "link.csv"));
      const before = await contents(directory);
      const quick = command === diffuse || command === bench ? ["--backend", "cpu"] : QUICK;
      const own = args.includes("--model") ? quick.slice(2) : quick;
      const line = args.split(" ").map((arg) => arg.replace(/^D(?=\/|$)/, directory));
      await assert.rejects(runCommand(command, [...line, ...own]), { name: "UsageError", message });
      assert.deepEqual(await contents(directory), before);
    });
  });
}

Deno.test("train: its own files of an earlier run are written again", async () => {
  await withTempDir(async (directory) => {
    const at = (name: string) => join(directory, name);
    const outputs = ["--csv", at("h.csv"), "--report", at("r.html"), "--save", at("model")];
    await Deno.writeTextFile(at("h.csv"), ""); // as of mktemp
    for (const epochs of ["1", "2"]) {
      const quick = ["--model", "linear", "--backend", "cpu", "--epochs", epochs];
      assert.equal((await runCommand(train, ["--data", "iris", ...quick, ...outputs])).code, 0);
      const rows = (await Deno.readTextFile(at("h.csv"))).trim().split("\n");
      assert.equal(rows.length, 1 + Number(epochs));
    }
  });
});
