import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { withTempDir } from "../support/temp_dir.ts";
import { readRun, scalarsOf } from "../tensorboard/event_reader.ts";

Deno.test("loggers - a process that is killed leaves whole lines and records", () =>
  withTempDir(async (directory) => {
    const path = fileURLToPath(new URL("killed_child.ts", import.meta.url));
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", path, directory],
      stdout: "piped",
    }).spawn();
    let said = "";
    for await (const bytes of child.stdout) {
      said += new TextDecoder().decode(bytes);
      if (said.split("\n").length > 8) child.kill("SIGKILL");
    }
    assert.equal((await child.status).signal, "SIGKILL");
    const epochs = said.trimEnd().split("\n").length, steps = 5 * epochs;
    const csv = await Deno.readTextFile(`${directory}/log.csv`);
    assert.ok(csv.endsWith("\n"));
    const rows = csv.trimEnd().split("\n").slice(1);
    for (const [i, row] of rows.entries()) assert.match(row, new RegExp(`^\\d+,\\d,${i + 1},`));
    const jsonl = await Deno.readTextFile(`${directory}/log.jsonl`);
    assert.ok(jsonl.endsWith("\n"));
    const lines = jsonl.trimEnd().split("\n").map((line) => JSON.parse(line));
    const { batch_loss } = scalarsOf(await readRun(`${directory}/train`));
    for (const there of [rows.length, lines.length, batch_loss!.length]) {
      assert.ok(there >= steps, `${there} of ${steps}`);
    }
  }));
