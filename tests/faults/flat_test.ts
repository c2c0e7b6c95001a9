import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { withTempDir } from "../support/temp_dir.ts";
import { LONG } from "./process.ts";

/** Ten batches each. */
const EPOCHS = LONG ? 1000 : 50;
/** What the history of fit and compiled code may take: 5 numbers an epoch, and some. */
const HEAP_GROWTH = 1.5e6 + 1000 * EPOCHS;

interface Use {
  readonly tensors: number;
  readonly bytes: number;
  readonly heap: number;
  readonly files: number | null;
}

Deno.test(`faults - ${10 * EPOCHS} steps with all callbacks: memory and files stay flat`, () =>
  withTempDir(async (directory) => {
    const script = fileURLToPath(new URL("flat_child.ts", import.meta.url));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--allow-all", "--quiet", "--v8-flags=--expose-gc"],
        ...[script, directory, String(EPOCHS)],
      ],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const [early, late] = new TextDecoder().decode(stdout).trim().split("\n")
      .map((line) => JSON.parse(line)) as [Use, Use];
    console.log(`  after ${EPOCHS / 5} epochs ${JSON.stringify(early)}`);
    console.log(`  after ${EPOCHS} epochs ${JSON.stringify(late)}`);
    assert.deepEqual([late.tensors, late.bytes], [early.tensors, early.bytes]);
    assert.equal(late.files, early.files);
    assert.ok(late.heap - early.heap < HEAP_GROWTH, `${late.heap - early.heap} bytes more`);
    const left = [...Deno.readDirSync(`${directory}/checkpoints`)].map(({ name }) => name);
    assert.ok(left.length >= 2 && left.length <= 3, `${left}`);
  }));
