import assert from "node:assert/strict";
import { join } from "node:path";
import { parseCsv, readCsv } from "../../cli/data/csv.ts";
import { fingerprintOf } from "../../cli/data/dataset.ts";
import { loadDataset } from "../../cli/data/load.ts";
import { readTable } from "../../cli/data/table.ts";
import { UsageError } from "../../cli/exit_codes.ts";
import { type Files, gzip, idxBytes, inDirectory, smallDataSet } from "../examples/fixtures.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Runs a test with a CSV file. */
const withCsv = (text: string | Uint8Array, body: (path: string) => Promise<void>) =>
  inDirectory(
    { "x.csv": typeof text === "string" ? bytes(text) : text },
    (directory) => body(join(directory, "x.csv")),
  );

for (const end of ["\n", "\r\n"]) {
  Deno.test(`readCsv() tells the line of each row, over empty lines, with ${JSON.stringify(end)}`, async () => {
    const text = ["\ufeffa, b", "1,2", "", '"x', 'y",3', '4,"5,""6"""', ""].join(end);
    await withCsv(text, async (path) => {
      assert.deepEqual(await readCsv(path), {
        columns: ["a", "b"],
        rows: [
          { fields: ["1", "2"], line: 2 },
          { fields: ["x\ny", "3"], line: 4 },
          { fields: ["4", '5,"6"'], line: 6 },
        ],
      });
    });
  });
}

for (const separator of [",", ";", "\t"]) {
  Deno.test(`parseCsv() finds the separator ${JSON.stringify(separator)}`, () => {
    const { columns, rows } = parseCsv(`a${separator}b\n1${separator}2\n`);
    assert.deepEqual([columns, rows[0]!.fields], [["a", "b"], ["1", "2"]]);
  });
}

const DAMAGED: readonly [name: string, text: string | Uint8Array, message: RegExp][] = [
  ["an empty file", "", /x\.csv: line 1: expected a row with the names of the columns, got noth/],
  ["a header alone", "a,b\n", /x\.csv: line 2: expected rows of data, got none/],
  ["numbers in the place of names", "1,2\n3,4\n", /line 1: expected a row with the names/],
  ["a column without a name", "a,,c\n1,2,3\n", /line 1: expected a name for column 2, got nothing/],
  ["a name twice", "a,b,a\n1,2,3\n", /line 1: expected each column to have another name, got "a"/],
  ["a short row", "a,b\n1,2\n\n3\n", /x\.csv: line 4: expected 2 fields, .* got 1/],
  ["a long row", "a,b\n1,2\n3,4,5\n", /x\.csv: line 3: expected 2 fields, .* got 3/],
  ["an open quote", 'a,b\n1,2\n"3,4\n', /line 3 or below: expected a closing quote/],
  ["a quote in a field", 'a,b\n1,2\n3"x,4\n', /line 3: expected a field that is either quoted/],
  ["other bytes than UTF-8", new Uint8Array([97, 10, 49, 10, 0xff, 10]), /line 3: expected UTF-8/],
];

for (const [name, text, message] of DAMAGED) {
  Deno.test(`readCsv() refuses ${name}`, async () => {
    await withCsv(text, async (path) => {
      await assert.rejects(readCsv(path), { message });
    });
  });
}

Deno.test("readCsv() names a file that is not there", async () => {
  await assert.rejects(readCsv("none.csv"), {
    message: /Cannot read none\.csv: no such file or directory/,
  });
});

const TEN = Array.from({ length: 10 }, (_, i) => i);
const OPTIONS = { testSplit: 0.2 };

Deno.test("readTable(): words are classes, inputs have mean 0 and deviation 1", async () => {
  const rows = TEN.map((i) => `${i},${100 + 2 * i},${i % 2 ? "odd" : "even"},9`);
  await withCsv(`a,b,kind,same\n${rows.join("\n")}\n`, async (path) => {
    const { task, classes, inputShape, train, test, table } = await readTable(path, {
      ...OPTIONS,
      target: "kind",
    });
    assert.deepEqual([task, classes], ["classification", ["even", "odd"]]);
    assert.deepEqual([inputShape, train.count, test.count], [[3], 8, 2]);
    assert.deepEqual(table!.inputs.map(({ name }) => name), ["a", "b", "same"]);
    assert.deepEqual(table!.inputs[2], { name: "same", mean: 9, scale: 1 });
    assert.deepEqual(table!.target, { name: "kind" });
    for (const column of [0, 1]) {
      const values = Array.from({ length: 8 }, (_, row) => train.inputs[3 * row + column]!);
      const mean = values.reduce((sum, value) => sum + value, 0) / 8;
      const square = values.reduce((sum, value) => sum + value ** 2, 0) / 8;
      assert.ok(Math.abs(mean) < 1e-6 && Math.abs(square - 1) < 1e-5, `${mean}, ${square}`);
    }
    // Each input is with its own target, in the rows to learn from and in those for the test.
    const { mean, scale } = table!.inputs[0]!;
    for (const { inputs, targets, count } of [train, test]) {
      for (let row = 0; row < count; row++) {
        const a = Math.round(inputs[3 * row]! * scale + mean);
        assert.equal(targets[row], a % 2, `row with a = ${a}`);
      }
    }
  });
});

Deno.test("readTable(): whole numbers are classes in their order, unless asked for otherwise", async () => {
  const rows = TEN.map((i) => `${i},${[10, 9][i % 2]}`);
  await withCsv(`a,y\n${rows.join("\n")}\n`, async (path) => {
    const classes = await readTable(path, OPTIONS);
    assert.deepEqual([classes.task, classes.classes], ["classification", ["9", "10"]]);
    const numbers = await readTable(path, { ...OPTIONS, task: "regression" });
    assert.deepEqual([numbers.task, numbers.classes], ["regression", []]);
    const { mean, scale } = numbers.table!.target;
    const values = [...numbers.train.targets].map((y) => Math.round(y * scale! + mean!));
    assert.deepEqual([...new Set(values)].toSorted(), [10, 9]);
  });
});

Deno.test("readTable(): fractions are numbers to predict; a column can be left out", async () => {
  const rows = TEN.map((i) => `id${i},${i},${i / 4}`);
  await withCsv(`id,a,y\n${rows.join("\n")}\n`, async (path) => {
    const { task, inputShape } = await readTable(path, { ...OPTIONS, ignore: ["id"] });
    assert.deepEqual([task, inputShape], ["regression", [1]]);
    await assert.rejects(readTable(path, OPTIONS), {
      message: /Cannot use .*x\.csv: line 2, column "id": expected a number, got "id0"/,
    });
  });
});

const UNUSABLE: readonly [name: string, text: string, options: object, message: RegExp][] = [
  [
    "a target that is not there",
    "price,size,kind\n1,2,a\n3,4,b\n",
    { target: "knid" },
    /line 1: expected a column "knid" \(--target\); did you mean "kind"\?/,
  ],
  [
    "a column to leave out that is not there",
    "price,size,kind\n1,2,a\n3,4,b\n",
    { ignore: ["xyzzy"] },
    /expected a column "xyzzy" \(--ignore\); the columns are price, size, kind/,
  ],
  [
    "a word in a column of numbers",
    "a,y\n1,u\n2,v\nthree,u\n4,v\n",
    {},
    /line 4, column "a": expected a number, got "three"/,
  ],
  [
    "a gap in it",
    "a,y\n1,u\n,v\n3,u\n4,v\n",
    {},
    /line 3, column "a": expected a number, got noth/,
  ],
  ["a gap in the target", "a,y\n1,u\n2,\n", {}, /line 3, column "y": expected a value to learn/],
  [
    "a word among fractions of the target",
    `a,y\n${TEN.map((i) => `${i},${i / 4}`).join("\n")}\n10,n/a\n`,
    {},
    /line 12, column "y": expected a number, got "n\/a"/,
  ],
  ["one class", "a,y\n1,u\n2,u\n", {}, /column "y": expected at least 2 classes, got "u" alone/],
  [
    "as many classes as rows",
    `a,y\n${TEN.map((i) => `${i},${i * i}`).join("\n")}\n`,
    {},
    /expected classes that recur, got 10 in 10 rows; --task regression/,
  ],
  ["one row", "a,y\n1,u\n", {}, /expected at least 2 rows/],
  ["no inputs", "y\nu\nv\n", {}, /line 1: expected columns beside the target "y"/],
];

for (const [name, text, options, message] of UNUSABLE) {
  Deno.test(`readTable() refuses ${name}`, async () => {
    await withCsv(text, async (path) => {
      await assert.rejects(readTable(path, { ...OPTIONS, ...options }), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(`Cannot use ${path}: `), error.message);
        return true;
      });
    });
  });
}

Deno.test("loadDataset() has iris: 150 flowers, a fifth of them for the test, the same ones always", async () => {
  const [first, second] = [
    await loadDataset({ data: "iris" }),
    await loadDataset({ data: "iris" }),
  ];
  assert.deepEqual(first.classes, ["setosa", "versicolor", "virginica"]);
  assert.deepEqual([first.train.count, first.test.count, first.inputShape], [120, 30, [4]]);
  assert.equal(fingerprintOf(first), fingerprintOf(second));
  const half = await loadDataset({ data: "iris", testSplit: 0.5 });
  assert.deepEqual([half.train.count, half.test.count], [75, 75]);
  assert.notEqual(fingerprintOf(half), fingerprintOf(first));
});

Deno.test("loadDataset() reads a directory of IDX files, gzipped or not, into numbers from 0 to 1", async () => {
  const files: Files = smallDataSet();
  for (const name of Object.keys(files).filter((name) => name.startsWith("train"))) {
    files[`${name}.gz`] = await gzip(files[name]!);
    delete files[name];
  }
  await inDirectory(files, async (directory) => {
    const { task, inputShape, classes, train, test, table } = await loadDataset({
      data: directory,
    });
    assert.deepEqual([task, inputShape, classes.length], ["classification", [8, 8, 1], 8]);
    assert.deepEqual([train.count, test.count, table], [200, 40, null]);
    assert.ok(Math.abs(Math.max(...train.inputs) - 1) < 1e-6);
    assert.deepEqual([...train.targets.subarray(0, 9)], [0, 1, 2, 3, 4, 5, 6, 7, 0]);
  });
});

const IDX_FAULTS: readonly [name: string, file: Uint8Array, message: RegExp][] = [
  ["a truncated file", smallDataSet()["train-images-idx3-ubyte"]!.subarray(0, 99), /from byte 16/],
  [
    "labels in the place of images",
    idxBytes([200], new Array(200).fill(0)),
    /at byte 0 stands 0x00000801, expected 0x00000803/,
  ],
];

for (const [name, file, message] of IDX_FAULTS) {
  Deno.test(`loadDataset() names ${name} and the place`, async () => {
    const files = { ...smallDataSet(), "train-images-idx3-ubyte": file };
    await inDirectory(files, async (directory) => {
      await assert.rejects(loadDataset({ data: directory }), (error: Error) => {
        assert.match(error.message, /Cannot read .*train-images-idx3-ubyte: /);
        assert.match(error.message, message);
        return true;
      });
    });
  });
}

Deno.test("loadDataset() refuses what is no data, and options that are for tables", async () => {
  await assert.rejects(loadDataset({ data: "irsi" }), {
    name: UsageError.name,
    message: /There are no data "irsi".*did you mean "iris"\?/,
  });
  await assert.rejects(loadDataset({ data: "iris", target: "species" }), {
    name: UsageError.name,
    message: /--target is for CSV files alone/,
  });
  await assert.rejects(loadDataset({ data: "mnist", testSplit: 0.5 }), {
    message: /--test-split is for tables alone/,
  });
});

Deno.test("readCsv(): the time for many columns grows with their number, not its square", async () => {
  const columns = 200_000; // by the square it is minutes
  const names = Array.from({ length: columns }, (_, i) => `c${i}`).join(",");
  await withCsv(`${names}\n${"1,".repeat(columns - 1)}1\n`, async (path) => {
    assert.equal((await readCsv(path)).columns.length, columns);
  });
});

Deno.test("a gzipped IDX file is unpacked no further than its header says", async () => {
  const files = smallDataSet();
  const name = "train-images-idx3-ubyte";
  const bomb = await gzip(idxBytes([1, 2, 2], new Uint8Array(5_000_000)));
  delete files[name];
  await inDirectory({ ...files, [`${name}.gz`]: bomb }, async (directory) => {
    await assert.rejects(loadDataset({ data: directory }), {
      message:
        /ubyte\.gz: too long, 5 elements from byte 16 on where its header says 1 x 2 x 2 = 4$/,
    });
  });
});

Deno.test("data that cannot be looked at are not called missing", async () => {
  const path = join("/", "x".repeat(300)); // a name that no file system takes
  await assert.rejects(loadDataset({ data: path }), {
    message: /^Cannot read \/x+: the path is too long/,
  });
});
