import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** Runs a script in a process with flags for V8, and returns what it prints. */
export async function runChild(script: string, ...flags: string[]): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, script);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-all",
        "--quiet",
        "--no-check",
        ...flags.length === 0 ? [] : [`--v8-flags=${flags.join(",")}`],
        `--config=${fileURLToPath(new URL("../../../deno.json", import.meta.url))}`,
        path,
      ],
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.ok(success, err);
    return out!;
  } finally {
    await Deno.remove(path);
  }
}
