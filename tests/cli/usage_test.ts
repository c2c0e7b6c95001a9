import assert from "node:assert/strict";
import { signalfit } from "./program.ts";

/** Command lines that are wrong, and what is said about them. */
const WRONG: readonly (readonly [args: readonly string[], said: string])[] = [
  [["docter"], 'Error: There is no command "docter". Did you mean "doctor"?\n'],
  [["xyz"], 'Error: There is no command "xyz".\n'],
  [["doctor", "--jsno"], 'Error: doctor has no option `--jsno`. Did you mean "--json"?\n'],
  [["bench", "--backnd", "cpu"], 'Did you mean "--backend"?\n'],
  [["bench", "--rounds", "x"], 'Error: `--rounds`: Expected a valid integer, but got "x".\n'],
  [["bench", "--backend", "gpu"], '"gpu" is not a list of "cpu" "wasm" "webgpu".\n'],
  [["bench", "--out", "x.txt"], "Expected file with extension .md"],
  [["doctor", "more"], 'Error: doctor takes no argument "more".\n'],
  [["--json", "doctor"], "Error: The command comes first, and `--json` is none.\n"],
  [["--verson"], 'Did you mean "--version"?\n'],
];

for (const [args, said] of WRONG) {
  Deno.test(`signalfit ${args.join(" ")}: exit code 2, and what is wrong`, async () => {
    const { code, stdout, stderr } = await signalfit(args);
    assert.equal(stdout, "");
    assert.ok(stderr.includes(said), stderr);
    const command = ["doctor", "bench"].includes(args[0]!) ? ` ${args[0]}` : "";
    assert.ok(stderr.endsWith(`\nHelp: signalfit${command} --help\n`), stderr);
    assert.equal(code, 2);
  });
}
