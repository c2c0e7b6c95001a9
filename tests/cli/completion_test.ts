import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/commands.ts";
import { bash, signalfit } from "./program.ts";

/** Shells and what makes them look at a script without running it. */
const SHELLS = {
  bash: ["bash", "-n"],
  zsh: ["zsh", "-n"],
  fish: ["fish", "--no-execute"],
} as const;

for (const [shell, [checker, ...flags]] of Object.entries(SHELLS)) {
  Deno.test(`signalfit completion ${shell}: a script that the shell can read`, async () => {
    const { code, stdout, stderr } = await signalfit(["completion", shell]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /signalfit/);
    const file = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(file, stdout);
      const { success, stderr } = await new Deno.Command(checker, { args: [...flags, file] })
        .output();
      assert.ok(success, new TextDecoder().decode(stderr));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound) || shell === "bash") throw error;
      console.log(`not tested: there is no ${shell} here`);
    } finally {
      await Deno.remove(file);
    }
  });
}

/** What bash offers for the last of the words. */
async function offers(...words: string[]): Promise<string[]> {
  const list = words.map((word) => `'${word}'`).join(" ");
  const { code, stdout, stderr } = await bash(`
    eval "$(signalfit completion bash)"
    completer=$(complete -p signalfit | sed -E 's/.*-F ([^ ]+).*/\\1/')
    COMP_WORDS=(signalfit ${list})
    COMP_CWORD=${words.length}
    COMP_LINE="signalfit ${words.join(" ")}"
    COMP_POINT=\${#COMP_LINE}
    "$completer" signalfit '${words.at(-1)}' '${words.at(-2) ?? "signalfit"}' 2>/dev/null
    printf '%s\\n' "\${COMPREPLY[@]}"
  `);
  assert.equal(code, 0, stderr);
  return stdout.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

Deno.test("bash completes the name of a command", async () => {
  assert.deepEqual(await offers("doc"), ["doctor"]);
});

Deno.test("bash offers all commands", async () => {
  const all = await offers("");
  for (const { name } of COMMANDS) assert.ok(all.includes(name), `${name} is not in ${all}`);
});

Deno.test("bash completes an option of a command", async () => {
  assert.deepEqual(await offers("bench", "--back"), ["--backend"]);
});
