import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { Progress, type ProgressOptions } from "../../callbacks/progress.ts";
import { clockTime, shortNumber } from "../../src/logs/format.ts";
import { standardOutput, type TextOutput } from "../../src/logs/terminal.ts";
import type { BackendName } from "../support/backends.ts";
import { backendTest } from "../support/test.ts";
import { countReads } from "./fixtures.ts";
import { ThrowAt, Trainee } from "./logger_fixtures.ts";

/** Keeps what is written. */
class Paper implements TextOutput {
  text = "";
  constructor(
    readonly isTerminal: boolean,
    readonly hasColors = false,
    readonly columns = 100,
  ) {}
  write(text: string): void {
    this.text += text;
  }
  /** Each state of the line on a terminal, as it was seen. */
  get lines(): string[] {
    return this.text.replaceAll("\r\x1b[K", "\n").split("\n").filter((line) => line !== "");
  }
}

/** Times and speeds, which are not to be foreseen, as letters. */
const timeless = (line: string) =>
  line.replace(/\d+:\d\d(:\d\d)?/g, "T").replace(/[\d.]+(e[+-]\d+)? (samples|batches)/g, "S $2")
    .replace(/(loss|acc) [\d.]+(e[+-]\d+)?/g, "$1 N");

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(`Progress - a line an epoch without a terminal: ${backend}`, backend, async () => {
    const trainee = new Trainee(), output = new Paper(false);
    const stop = tfl.callbacks.earlyStopping({ monitor: "val_loss", patience: 9 });
    const callbacks = [new Progress({ output }), stop];
    const { history } = await trainee.fit({ epochs: 2, validationSplit: 0.2, callbacks });
    assert.deepEqual(output.lines.map(timeless), [
      "epoch 1/2: T, S samples/s, loss N, acc N, val_loss N, val_acc N",
      "epoch 2/2: T, S samples/s, loss N, acc N, val_loss N, val_acc N",
    ]);
    assert.match(output.lines[1]!, new RegExp(`loss ${shortNumber(history.loss![1] as number)},`));
    const { before, after } = trainee.close();
    assert.deepEqual(after, before);
  });

  backendTest(
    `Progress - a line that is rewritten on a terminal: ${backend}`,
    backend,
    async () => {
      const trainee = new Trainee(), output = new Paper(true);
      const progress = new Progress({ output, refreshMs: 0, metrics: ["loss"] });
      await trainee.fit({ epochs: 2, callbacks: [progress] });
      const bar = (full: number) => "━".repeat(full) + "─".repeat(20 - full);
      const expected = [1, 2].flatMap((epoch) => [
        ...[1, 2, 3, 4, 5].map((batch) => {
          // The loss that a device was asked for is there at the next look.
          const isKnown = backend !== "webgpu" || epoch > 1 || batch > 1;
          return `epoch ${epoch}/2 ${bar(4 * batch)} ${String(20 * batch).padStart(3)}%` +
            `  S samples/s  T left${isKnown ? "  loss N" : ""}`;
        }),
        `epoch ${epoch}/2: T, S samples/s, loss N`,
      ]);
      assert.deepEqual(output.lines.map(timeless), expected);
      const { before, after } = trainee.close();
      assert.deepEqual(after, before);
    },
  );
}

backendTest("Progress - a data set that does not know its size", "cpu", async () => {
  const trainee = new Trainee(), output = new Paper(true);
  const common = { output, refreshMs: 0, metrics: [], unit: "batches" } as const;
  const fit = async (options: ProgressOptions) => {
    output.text = "";
    await trainee.fitDataset(2, { epochs: 2, callbacks: [new Progress(options)] });
    return output.lines.map(timeless);
  };
  const bar = (full: number) => "━".repeat(full) + "─".repeat(20 - full);
  assert.deepEqual(await fit(common), [
    "epoch 1/2 batch 1 S batches/s",
    "epoch 1/2 batch 2 S batches/s",
    "epoch 1/2: T, S batches/s",
    `epoch 2/2 ${bar(10)}  50%  S batches/s  T left`,
    `epoch 2/2 ${bar(20)} 100%  S batches/s  T left`,
    "epoch 2/2: T, S batches/s",
  ]);
  const told = await fit({ ...common, batchesPerEpoch: 4 });
  assert.equal(told[0], `epoch 1/2 ${bar(5)}  25%  S batches/s  T left`);
  trainee.close();
});

backendTest(
  "Progress - a narrow terminal; colors",
  "cpu",
  async () => {
    const trainee = new Trainee(20, () => tf.train.sgd(0)); // the losses stay as they are
    const metricsIn = (lines: string[]) =>
      new Set(lines.flatMap((line) => line.match(/(loss|acc)\b.*?(?= {2}|$)/g) ?? []));
    let all: Set<string> | undefined;
    for (const columns of [200, 12, 24, 40, ...Array.from({ length: 30 }, (_, i) => 50 + i)]) {
      const output = new Paper(true, false, columns);
      await trainee.fit({
        epochs: 4,
        initialEpoch: 3,
        callbacks: [new Progress({ output, refreshMs: 0 })],
      });
      const lines = output.lines.slice(0, -1);
      assert.equal(lines.length, 5);
      for (const line of lines) assert.ok(line.length < columns, `${line.length}: ${line}`);
      all ??= metricsIn(lines);
      for (const metric of metricsIn(lines)) assert.ok(all.has(metric), `${metric} is cut short`);
      // A loss that is there is shown, and the time left, before the speed; the bar gets shorter.
      if (columns >= 48) {
        for (const line of lines) assert.match(line, /^epoch 4\/4 [━─]+ .*\d+:\d\d left/);
        for (const line of lines.slice(2)) assert.match(line, /\d+:\d\d left {2}loss /);
      }
    }
    assert.ok(all!.size > 5);
    for (const hasColors of [true, false]) {
      const output = new Paper(true, hasColors);
      await trainee.fit({ epochs: 1, callbacks: [new Progress({ output, refreshMs: 0 })] });
      assert.equal(output.text.includes("\x1b[2m"), hasColors);
      assert.equal(output.text.split("\x1b[2m").length, output.text.split("\x1b[0m").length);
    }
    trainee.close();
  },
);

backendTest("Progress - speed and time left, by a clock of one second a batch", "cpu", async () => {
  const trainee = new Trainee(18), output = new Paper(true);
  const { now } = performance;
  let seconds = 0;
  class Tick extends tfl.Callback {
    override onBatchBegin(): Promise<void> {
      seconds++;
      return Promise.resolve();
    }
  }
  performance.now = () => 1000 * seconds;
  try {
    const progress = new Progress({ output, refreshMs: 2000, metrics: [] });
    const args = { epochs: 4, initialEpoch: 2 }; // two epochs, each of 4 batches of 4 and one of 2
    await trainee.fit({ ...args, callbacks: [new Tick(), progress] });
  } finally {
    performance.now = now;
  }
  const seen = output.lines.map((line) => line.replaceAll(/[━─]/g, "").replaceAll(/ +/g, " "));
  assert.deepEqual(seen, [
    "epoch 3/4 40% 4 samples/s 0:08 left",
    "epoch 3/4 80% 4 samples/s 0:06 left",
    "epoch 3/4: 0:05, 3.6 samples/s",
    "epoch 4/4 20% 4 samples/s 0:04 left",
    "epoch 4/4 60% 4 samples/s 0:02 left",
    "epoch 4/4 100% 3.6 samples/s 0:00 left",
    "epoch 4/4: 0:05, 3.6 samples/s",
  ]);
  trainee.close();
});

backendTest(
  "Progress - after a fit that threw the next begins on a line of its own",
  "cpu",
  async () => {
    const trainee = new Trainee(), output = new Paper(true);
    const progress = new Progress({ output, refreshMs: 0 });
    await assert.rejects(
      () => trainee.fit({ epochs: 1, callbacks: [progress, new ThrowAt(2)] }),
      /on purpose/,
    );
    assert.ok(!output.text.includes("\n"));
    await trainee.fit({ epochs: 1, callbacks: [progress] });
    assert.equal(output.text.split("\n").length, 3);
    trainee.close();
  },
);

backendTest("Progress - reads a device as seldom as it looks", "webgpu", async () => {
  const trainee = new Trainee();
  const fit = (...callbacks: tfl.Callback[]) =>
    countReads(async () => void await trainee.fit({ epochs: 1, callbacks }));
  const output = new Paper(true);
  const quiet = await fit(new Progress({ output: new Paper(false) }));
  assert.equal(await fit(new Progress({ output, refreshMs: 1e9 })), quiet);
  assert.equal(await fit(new Progress({ output, refreshMs: 0 })), quiet + 5);
  trainee.close();
});

Deno.test("Progress - standard output in Deno, Node and a browser", () => {
  const written: string[] = [];
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const deno = (isTerminal: boolean) =>
    standardOutput({
      Deno: {
        noColor: false,
        consoleSize: () => {
          if (!isTerminal) throw new Error("no terminal");
          return { columns: 33 };
        },
        stdout: {
          isTerminal: () => isTerminal,
          writeSync: (bytes) =>
            written.push(decode(bytes.subarray(0, 2))) && Math.min(2, bytes.length),
        },
      },
    });
  assert.deepEqual([deno(true).isTerminal, deno(true).columns, deno(true).hasColors], [
    true,
    33,
    true,
  ]);
  assert.deepEqual([deno(false).isTerminal, deno(false).columns], [false, 80]);
  deno(true).write("abcde");
  assert.deepEqual(written.splice(0), ["ab", "cd", "e"], "writes that take a part only");

  const stdout = { isTTY: true, columns: 44, write: (text: string) => written.push(text) };
  const node = standardOutput({ process: { env: { NO_COLOR: "1" }, stdout } });
  assert.deepEqual([node.isTerminal, node.columns, node.hasColors], [true, 44, false]);
  assert.equal(standardOutput({ process: { env: {}, stdout } }).hasColors, true);
  node.write("x");
  assert.deepEqual(written.splice(0), ["x"]);

  const log = console.log;
  console.log = (text: string) => void written.push(text);
  try {
    const browser = standardOutput({});
    assert.equal(browser.isTerminal, false);
    browser.write("epoch 1\n");
  } finally {
    console.log = log;
  }
  assert.deepEqual(written, ["epoch 1"]);
});

Deno.test("Progress - numbers and times in few letters", () => {
  assert.deepEqual(
    [0, 1, -0.123456, 123456, 1234567, 1e-5, 0.0012345, NaN, -Infinity].map(shortNumber),
    ["0", "1", "-0.1235", "123500", "1.235e+6", "1.000e-5", "0.001234", "NaN", "-Infinity"],
  );
  assert.deepEqual([-1, 0, 7.6, 59.6, 754, 3723, 1e5].map(clockTime), [
    ...["0:00", "0:00", "0:08", "1:00", "12:34", "1:02:03", "27:46:40"],
  ]);
});

Deno.test("Progress - errors", () => {
  assert.throws(
    () => new Progress({ unit: "steps" as "samples" }),
    /unit must be one of "samples"/,
  );
  assert.throws(
    () => new Progress({ metrics: "loss" as unknown as [] }),
    /must be a list of names/,
  );
  assert.throws(() => new Progress({ batchesPerEpoch: 0 }), /must be a whole number >= 1, or null/);
  assert.throws(() => new Progress({ output: {} as TextOutput }), /must have a method write/);
});
