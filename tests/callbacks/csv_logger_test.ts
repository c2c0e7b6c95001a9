import assert from "node:assert/strict";
import * as tfl from "@tensorflow/tfjs-layers";
// @ts-types="../../cli/data/csv_parse.d.ts"
import { parse } from "csv-parse/sync";
import { CsvLogger, type CsvLoggerOptions } from "../../callbacks/csv_logger.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { backendTest } from "../support/test.ts";
import { countReads, warnings } from "./fixtures.ts";
import { Losses, ThrowAt, Trainee } from "./logger_fixtures.ts";

const EARLIER = "epoch,acc,loss\n0,0.25,1.5\n1,0.5,1.25\n";

/** The rows as objects, read by another program's parser. */
async function rowsOf(path: string, delimiter = ","): Promise<Record<string, string>[]> {
  return parse(await Deno.readTextFile(path), { columns: true, delimiter });
}

/** Adds values of one's own to the logs, different ones each epoch. */
class Extra extends tfl.Callback {
  #epoch = 0;
  constructor(readonly values: readonly Record<string, number>[]) {
    super();
  }
  override onEpochEnd(_epoch: number, logs?: tfl.Logs): Promise<void> {
    Object.assign(logs!, this.values[this.#epoch++]);
    return Promise.resolve();
  }
}

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `CsvLogger - the history, a row an epoch: ${backend}`,
    backend,
    () =>
      withTempDir(async (directory) => {
        const trainee = new Trainee(), path = `${directory}/runs/a.csv`;
        const stop = tfl.callbacks.earlyStopping({ monitor: "val_loss", patience: 9 });
        const { history } = await trainee.fit({
          epochs: 3,
          validationSplit: 0.2,
          callbacks: [new CsvLogger(path), stop],
        });
        const text = await Deno.readTextFile(path);
        assert.equal(text.split("\n")[0], "epoch,acc,loss,val_acc,val_loss");
        const rows = await rowsOf(path);
        assert.deepEqual(rows.map(({ epoch }) => epoch), ["0", "1", "2"]);
        for (const [name, values] of Object.entries(history)) {
          assert.deepEqual(rows.map((row) => Number(row[name])), values, name);
        }
        const { before, after } = trainee.close();
        assert.deepEqual(after, before);
      }),
  );

  backendTest(
    `CsvLogger - rows of batches: ${backend}`,
    backend,
    () =>
      withTempDir(async (directory) => {
        const trainee = new Trainee(), path = `${directory}/a.csv`;
        const losses = new Losses(), logger = new CsvLogger(path, { everyBatches: 2 });
        for (let fit = 0; fit < 2; fit++) { // 5 batches an epoch
          await trainee.fit({ epochs: 2, validationSplit: 0, callbacks: [logger, losses] });
        }
        const rows = await rowsOf(path);
        assert.equal((await Deno.readTextFile(path)).split("\n")[0], "epoch,batch,step,acc,loss");
        assert.deepEqual(
          rows.map(({ epoch, batch, step }) => [epoch, batch, step].join(" ")),
          [
            "0 1 2",
            "0 3 4",
            "1 0 6",
            "1 2 8",
            "1 4 10",
            "2 1 12",
            "2 3 14",
            "3 0 16",
            "3 2 18",
            "3 4 20",
          ],
        );
        assert.deepEqual(
          rows.map(({ loss }) => Number(loss)),
          losses.values.filter((_, i) => i % 2 === 1),
        );
        const { before, after } = trainee.close();
        assert.deepEqual(after, before);
      }),
  );
}

backendTest(
  "CsvLogger - batches do not wait for a device, nor read it one by one",
  "webgpu",
  () =>
    withTempDir(async (directory) => {
      const trainee = new Trainee(40), path = `${directory}/a.csv`;
      const args = { epochs: 1, yieldEvery: "never" } as const;
      const alone = await countReads(async () => {
        await trainee.fit({ ...args, callbacks: [new CsvLogger(`${directory}/b.csv`)] });
      });
      const reads = await countReads(async () => {
        await trainee.fit({ ...args, callbacks: [new CsvLogger(path, { everyBatches: 5 })] });
      });
      assert.equal((await rowsOf(path)).length, 2);
      assert.equal(reads, alone + 2, "loss and accuracy of a row together");
      trainee.close();
    }),
);

backendTest(
  "CsvLogger - an exception leaves whole rows and no tensors",
  "webgpu",
  () =>
    withTempDir(async (directory) => {
      const trainee = new Trainee(), path = `${directory}/a.csv`;
      const logger = new CsvLogger(path, { everyBatches: 1 });
      await assert.rejects(
        () => trainee.fit({ epochs: 2, callbacks: [logger, new ThrowAt(8)] }),
        /on purpose/,
      );
      await logger.flush();
      assert.deepEqual((await rowsOf(path)).map(({ step }) => step), [..."12345678"]);
      await trainee.fit({ epochs: 1, callbacks: [logger] });
      const rows = await rowsOf(path);
      assert.equal(rows.length, 13);
      assert.deepEqual([rows[7]!.epoch, rows[8]!.epoch], ["1", "1"], "the epoch did not end");
      // What tfjs itself leaves of a fit that throws: loss and metric of the batch, its own totals.
      const left = counts().tensors - trainee.standing.tensors;
      const plain = new Trainee();
      await assert.rejects(
        () => plain.fit({ epochs: 2, callbacks: [new ThrowAt(8)] }),
        /on purpose/,
      );
      assert.equal(left, counts().tensors - plain.standing.tensors);
      plain.close();
      trainee.close();
    }),
);

backendTest(
  "CsvLogger - missing values, left out ones, NaN, quoting",
  "cpu",
  () =>
    withTempDir(async (directory) => {
      const trainee = new Trainee(), path = `${directory}/a.csv`;
      const extra = new Extra([
        { "a;b": 1, 'say "x"': NaN },
        { "a;b": -Infinity, late: 3 },
        { late: 3 },
      ]);
      const logger = new CsvLogger(path, { separator: ";" });
      const seen = await warnings(async () => {
        await trainee.fit({ epochs: 3, callbacks: [extra, logger] });
      });
      const text = await Deno.readTextFile(path);
      assert.equal(text.split("\n")[0], 'epoch;"a;b";acc;loss;"say ""x"""');
      const rows = await rowsOf(path, ";");
      assert.deepEqual(rows.map((row) => row["a;b"]), ["1", "-Infinity", "NA"]);
      assert.deepEqual(rows.map((row) => row['say "x"']), ["NaN", "NA", "NA"]);
      assert.deepEqual(seen, ["CsvLogger: the first row had no late, so that it is left out"]);
      trainee.close();
    }),
);

for (
  const [what, content, kept, warns] of [
    ["nothing", undefined, "", false],
    ["an empty file", "", "", false],
    ["whole rows", EARLIER, EARLIER, false],
    ["a row that was cut short", `${EARLIER}2,0.7`, EARLIER, true],
    ["a header that was cut short", "epoch,ac", "", true],
    ["other columns", "epoch,loss,x\n0,1,2\n", "epoch,loss,x\n0,1,2\n", false],
  ] as const
) {
  backendTest(
    `CsvLogger - append goes on after ${what}`,
    "cpu",
    () =>
      withTempDir(async (directory) => {
        const trainee = new Trainee(), path = `${directory}/a.csv`;
        if (content !== undefined) await Deno.writeTextFile(path, content);
        const seen = await warnings(async () => {
          const args = { epochs: 3, initialEpoch: 2 };
          await trainee.fit({ ...args, callbacks: [new CsvLogger(path, { append: true })] });
        });
        const text = await Deno.readTextFile(path);
        assert.ok(text.startsWith(kept) && text.endsWith("\n"));
        const rows = await rowsOf(path), header = text.split("\n")[0];
        assert.equal(header, kept === "" ? "epoch,acc,loss" : kept.split("\n")[0]);
        assert.equal(rows.length, (kept === "" ? 0 : kept.split("\n").length - 2) + 1);
        assert.equal(rows.at(-1)!.epoch, "2");
        if (header!.endsWith("x")) assert.equal(rows.at(-1)!.x, "NA");
        assert.equal(seen.some((line) => line.includes("was cut short")), warns, seen.join());
        trainee.close();
      }),
  );
}

backendTest(
  "CsvLogger - another file is refused and left as it is; without append it goes",
  "cpu",
  () =>
    withTempDir(async (directory) => {
      const trainee = new Trainee(), path = `${directory}/a.csv`;
      for (const content of ["name,age\nx,3\ny", "notes", "epoch;loss\n0;1\n"]) {
        await Deno.writeTextFile(path, content);
        const logger = new CsvLogger(path, { append: true });
        for (let attempt = 0; attempt < 2; attempt++) {
          await assert.rejects(
            () => trainee.fit({ epochs: 1, callbacks: [logger] }),
            /Cannot append to a CSV file: its first column must be "epoch", separated by ","/,
          );
          assert.equal(await Deno.readTextFile(path), content);
        }
      }
      const logger = new CsvLogger(path);
      await trainee.fit({ epochs: 1, callbacks: [logger] });
      await trainee.fit({ epochs: 1, callbacks: [logger] });
      assert.deepEqual((await rowsOf(path)).map(({ epoch }) => epoch), ["0", "1"]);
      trainee.close();
    }),
);

backendTest(
  "CsvLogger - resumed from a state, the file is as if it had never stopped",
  "cpu",
  () =>
    withTempDir(async (directory) => {
      for (const everyBatches of [0, 3]) {
        const texts: string[] = [];
        for (const interrupted of [false, true]) {
          const path = `${directory}/${everyBatches}${interrupted}.csv`;
          const trainee = new Trainee();
          const logger = new CsvLogger(path, { everyBatches });
          await trainee.fit({ epochs: 2, callbacks: [logger] });
          const state = JSON.parse(JSON.stringify(await logger.getState()));
          const weights = trainee.model.getWeights().map((weight) => weight.clone());
          if (interrupted) { // goes on for a while, in vain
            await assert.rejects(() =>
              trainee.fit({ epochs: 2, callbacks: [logger, new ThrowAt(7)] })
            );
            trainee.model.setWeights(weights);
          }
          const resumed = interrupted ? new CsvLogger(path, { everyBatches }) : logger;
          if (interrupted) resumed.setState(state);
          await trainee.fit({ epochs: 4, initialEpoch: 2, callbacks: [resumed] });
          texts.push(await Deno.readTextFile(path));
          weights.forEach((weight) => weight.dispose());
          trainee.close();
        }
        assert.equal(texts[1], texts[0]);
      }
    }),
);

backendTest(
  "CsvLogger - a file that lost rows since the state was saved is gone on with",
  "cpu",
  () =>
    withTempDir(async (directory) => {
      const trainee = new Trainee(), path = `${directory}/a.csv`;
      const first = new CsvLogger(path);
      await trainee.fit({ epochs: 2, callbacks: [first] });
      const state = await first.getState();
      await Deno.writeTextFile(path, "epoch,acc,loss\n0,1,2\n1,");
      const resumed = new CsvLogger(path);
      resumed.setState(state);
      const seen = await warnings(async () => {
        await trainee.fit({ epochs: 1, callbacks: [resumed] });
      });
      assert.match(seen[0]!, /has lost \d+ bytes since the state was saved/);
      assert.deepEqual((await rowsOf(path)).map(({ epoch }) => epoch), ["0", "2"]);
      trainee.close();
    }),
);

backendTest(
  "CsvLogger - fitDataset, a batch of one",
  "cpu",
  () =>
    withTempDir(async (directory) => {
      const trainee = new Trainee(), path = `${directory}/a.csv`;
      const { xs, ys } = trainee.data;
      const { history } = await trainee.fitDataset(4, {
        epochs: 2,
        validationData: [xs, ys],
        callbacks: [new CsvLogger(path)],
      });
      const rows = await rowsOf(path);
      assert.deepEqual(rows.map((row) => Number(row.val_loss)), history.val_loss);
      const logger = new CsvLogger(path, { everyBatches: 1 });
      await trainee.fit({ batchSize: 1, epochs: 1, callbacks: [logger] });
      assert.equal((await rowsOf(path)).at(-1)!.step, "20");
      const { before, after } = trainee.close();
      assert.deepEqual(after, before);
    }),
);

Deno.test("CsvLogger - errors", () => {
  const make = (options: CsvLoggerOptions, path = "a.csv") => () => new CsvLogger(path, options);
  assert.throws(make({ separator: ",," }), /separator must be one character, .* got ",,"/);
  assert.throws(make({ separator: '"' }), RangeError);
  assert.throws(make({ everyBatches: 1.5 }), /everyBatches must be a whole number >= 0, got 1.5/);
  assert.throws(make({ apend: true } as CsvLoggerOptions), /did you mean "append"/);
  assert.throws(make({}, ""), /path must be a path, not empty and not a URL, got ""/);
  assert.throws(make({}, "file:///a"), TypeError);
  const logger = new CsvLogger("a.csv"), state = { format: "signalfit-log-1", bytes: -1 };
  type State = Parameters<CsvLogger["setState"]>[0];
  assert.throws(() => logger.setState(state as State), /bytes must be a whole number >= 0, got -1/);
  assert.throws(() => logger.setState({} as State), /format must be "signalfit-log-1"/);
});
