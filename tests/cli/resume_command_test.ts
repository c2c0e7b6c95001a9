import assert from "node:assert/strict";
import { resumeCommand, type Start } from "../../cli/lib/resume_command.ts";

const DENO = { isDeno: true, file: "/home/a/signalfit/cli/mod.ts", directory: "/home/a" };
const NODE = {
  isDeno: false,
  directory: "/home/a",
  module: "file:///usr/lib/node_modules/x/mod.js",
};
const MODULE = "file:///home/a/signalfit/cli/mod.ts";

/** How the program was started, and the words that start it again. */
const STARTS: readonly [name: string, start: Start, words: string][] = [
  [
    "deno task cli",
    { ...DENO, module: MODULE, directory: "/home/a/signalfit", env: { INIT_CWD: "/home/a" } },
    "deno task cli",
  ],
  ["deno run", { ...DENO, module: MODULE, env: {} }, "deno run -A signalfit/cli/mod.ts"],
  [
    "deno run from elsewhere",
    { ...DENO, module: MODULE, directory: "/tmp", env: {} },
    "deno run -A /home/a/signalfit/cli/mod.ts",
  ],
  [
    "JSR",
    { ...DENO, module: "https://jsr.io/@signalfit/cli/0.1.0/mod.ts", env: {} },
    "deno run -A jsr:@signalfit/cli",
  ],
  [
    "npx",
    {
      ...NODE,
      file: "/home/a/.npm/_npx/1/node_modules/.bin/signalfit",
      env: { npm_command: "exec", PATH: "/home/a/.npm/_npx/1/node_modules/.bin:/usr/bin" },
    },
    "npx -p @signalfit/cli signalfit",
  ],
  [
    "an installed program",
    { ...NODE, file: "/usr/local/bin/signalfit", env: { PATH: "/usr/local/bin:/usr/bin" } },
    "signalfit",
  ],
  [
    "a program of a project, by its path",
    { ...NODE, file: "/home/a/p/node_modules/.bin/signalfit", env: { PATH: "/usr/bin" } },
    "npx -p @signalfit/cli signalfit",
  ],
];

for (const [name, start, words] of STARTS) {
  Deno.test(`resumeCommand(): started by ${name}`, () => {
    const args = ["--", "train", "--data", "my table.csv", "--resume"];
    assert.equal(
      resumeCommand(args, start),
      `${words} train --data 'my table.csv' --resume`,
    );
  });
}
