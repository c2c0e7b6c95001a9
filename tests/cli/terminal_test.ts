import assert from "node:assert/strict";
import { join } from "node:path";
import { note, wrapped } from "../../cli/lib/note.ts";
import { printable } from "../../cli/lib/printable.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { bash, CTRL_C, onTerminal, signalfit } from "./program.ts";

Deno.test("wrapped() breaks a line between words, and goes on indented", () => {
  assert.deepEqual(wrapped("  one two three", 11), ["  one two", "    three"]);
  assert.deepEqual(wrapped("averyveryverylongword ends", 10), ["averyveryverylongword", "  ends"]);
  assert.deepEqual(wrapped("", 10), [""]);
});

Deno.test("note() wraps on a terminal alone", () => {
  for (const isTerminal of [true, false]) {
    let text = "";
    note({ isTerminal, hasColors: false, columns: 12, write: (more) => text += more })(
      "one two three",
    );
    assert.equal(text, isTerminal ? "one two\n  three\n" : "one two three\n");
  }
});

Deno.test("printable() shows what would steer a terminal", () => {
  assert.equal(
    printable("a\x1b[31m\x07\x9b\u202eb\n\tc\r"),
    "a\\x1b[31m\\x07\\x9b\\u202eb\n\tc\\x0d",
  );
});

Deno.test("signalfit train: what stands in a file does not reach the terminal as it is", async () => {
  await withTempDir(async (directory) => {
    const csv = "a,y\n1,u\n2,v\n\x1b]0;owned\x07,u\n";
    await Deno.writeTextFile(join(directory, "bad.csv"), csv);
    await Deno.writeTextFile(join(directory, "named.csv"), "a,\x1b[31my\n1,2.5\n2,3.5\n3,4.5\n");
    const bad = await signalfit(["train", "--data", "bad.csv"], { cwd: directory });
    assert.equal(bad.code, 1);
    const quick = ["--epochs", "1", "--backend", "cpu"];
    const named = await signalfit(["train", "--data", "named.csv", ...quick], { cwd: directory });
    assert.equal(named.code, 0, named.stderr);
    assert.ok(!(bad.stderr + named.stderr + named.stdout).includes("\x1b"));
    assert.ok(named.stderr.includes(String.raw`"\x1b[31my", a number`), named.stderr);
  });
});

Deno.test("signalfit without arguments gives the help", async () => {
  assert.deepEqual(await signalfit([]), await signalfit(["--help"]));
});

Deno.test("signalfit: a result that cannot be written is an error in one line", async () => {
  for (const args of ["--help", "doctor --help"]) {
    const { code, stderr } = await bash(`signalfit ${args} >/dev/full`);
    assert.equal(code, 1);
    assert.match(stderr, /^Error: Cannot write the output: .*\n$/);
  }
});

Deno.test("train on a terminal: Ctrl-C is told of on a line of its own", async () => {
  const line = "signalfit train --data iris --epochs 1000000 --backend cpu";
  const { code, screen } = await onTerminal(line, {
    typed: { after: /epoch 2\/[^]*━/, keys: CTRL_C },
  });
  assert.equal(code, 130);
  assert.ok(screen.includes("\r\x1b[KFinishing the batch; Ctrl-C again stops at once\r\n"));
  assert.match(screen, /Stopped after \d+ steps; nothing was saved/);
});
