import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { Checkpoint, fileSystem } from "../../mod.ts";
import { loadDataset } from "../../cli/data/load.ts";
import { train } from "../../cli/train/command.ts";
import type { TrainResult } from "../../cli/train/learn.ts";
import { OPTIMIZER_NAMES } from "../../cli/train/optimizers.ts";
import { counts } from "../support/backends.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { runCommand } from "./in_process.ts";
import { bash, CLI, signalfit } from "./program.ts";

const CPU = ["--backend", "cpu"];

/** What a training in this process ends with. */
async function trained(...args: string[]): Promise<TrainResult> {
  const { stdout } = await runCommand(train, [...args, ...CPU, "--json"]);
  return JSON.parse(stdout);
}

/** The weights of a saved model: their file is named after their content. */
function weightsFile(directory: string): string {
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name);
  return names.find((name) => name.startsWith("weights."))!;
}

/** A table of numbers y = 3 a - 2 b + 100, with something that nobody can predict. */
function regressionCsv(rows: number): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const [a, b] = [i % 17 - 8, (7 * i) % 23 - 11];
    return `${a},${b},${3 * a - 2 * b + 100 + Math.sin(i) / 2}`;
  });
  return `a,b,y\n${lines.join("\n")}\n`;
}

Deno.test("signalfit train: sgdf learns iris, and what it saves gives the same score", async () => {
  await withTempDir(async (directory) => {
    const files = ["--save", "model", "--csv", "history.csv"];
    const args = ["train", "--data", "iris", "--optimizer", "sgdf", "--json", ...files];
    const { code, stdout, stderr } = await signalfit(args, { cwd: directory });
    assert.equal(code, 0, stderr);
    const result: TrainResult = JSON.parse(stdout);
    assert.ok(result.test!.accuracy! > 0.9, `accuracy ${result.test!.accuracy}`);
    assert.deepEqual([result.data, result.model, result.optimizer], ["iris", "mlp", "sgdf"]);
    assert.deepEqual([result.epochs, result.batchSize, result.steps], [50, 16, 400]);
    assert.deepEqual([result.options.learningRate, result.interrupted], [0.5, false]);
    assert.deepEqual(result.files, { csv: "history.csv", save: "model" });
    assert.match(stderr, /^Data: iris, 3 classes; 120 rows to learn from, 30 for the test$/m);
    assert.match(stderr, /^epoch 50\/50: .* samples\/s, loss [\d.e-]+, acc [\d.]+$/m);
    const history = await Deno.readTextFile(join(directory, "history.csv"));
    assert.equal(history.trim().split("\n").length, 51);

    await tf.setBackend("cpu");
    const model = await tfl.loadLayersModel(fileSystem(join(directory, "model")));
    const { test } = await loadDataset({ data: "iris" });
    const outputs = model.predict(tf.tensor2d(test.inputs, [test.count, 4])) as tf.Tensor;
    const answers = await tf.argMax(outputs, 1).data();
    const right = answers.filter((answer, row) => answer === test.targets[row]).length;
    assert.ok(Math.abs(right / test.count - result.test!.accuracy!) < 1e-6);
    const facts = JSON.parse(await Deno.readTextFile(join(directory, "model", "data.json")));
    assert.deepEqual(facts.classes, ["setosa", "versicolor", "virginica"]);
    assert.equal(facts.table.inputs[2].name, "petal length");
    tf.disposeVariables();
  });
});

Deno.test("train: a run that Ctrl-C stopped goes on and ends bit for bit as one that was not", async () => {
  await withTempDir(async (directory) => {
    const args = [
      "--data",
      "iris",
      "--epochs",
      "30",
      "--schedule",
      "cosine",
      "--optimizer",
      "adamf",
    ];
    const path = (name: string) => join(directory, name);
    const kept = ["--checkpoints", path("run"), "--csv", path("stopped.csv")];
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", CLI, "train", ...args, ...kept, ...CPU],
      cwd: directory,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let stderr = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      if (!stderr.includes("epoch 2/") && (stderr + text).includes("epoch 2/")) {
        child.kill("SIGINT");
      }
      stderr += text;
    }
    const { code } = await child.status;
    const stdout = await new Response(child.stdout).text();
    assert.equal(code, 130, stderr);
    assert.match(stdout, /^Stopped after \d+ steps and saved in .*run\/\d+-step-\d+\. To go on:$/m);
    const command = stdout.trim().split("\n")[1]!.trim();
    assert.equal(
      command,
      `deno run -A ${CLI} train ${[...args, ...kept, ...CPU].join(" ")} --resume`,
    );

    const goesOn = `cd ${directory}; ${command} --json --save ${path("resumed")}`;
    const { stdout: went } = await bash(`PATH=${dirname(Deno.execPath())}:$PATH; ${goesOn}`);
    const resumed: TrainResult = JSON.parse(went);
    assert.ok(resumed.resumedAt >= 16 && resumed.resumedAt < 240, `${resumed.resumedAt} steps`);
    const whole = await trained(...args, "--csv", path("whole.csv"), "--save", path("whole"));
    assert.deepEqual([resumed.steps, whole.steps, whole.resumedAt], [240, 240, 0]);
    assert.equal(weightsFile(path("resumed")), weightsFile(path("whole")));
    assert.deepEqual(resumed.test, whole.test);
    // All epochs but the one in which it was stopped, whose mean is over what was left of it.
    const rows = async (name: string) => (await Deno.readTextFile(path(name))).split("\n");
    const [one, other] = [await rows("stopped.csv"), await rows("whole.csv")];
    assert.equal(one.length, other.length);
    const differing = one.filter((row, i) => row !== other[i]).length;
    assert.ok(differing <= 1, `${differing} rows differ`);
  });
});

Deno.test("train: Ctrl-C without checkpoints says that nothing was saved", async () => {
  const { code, stdout } = await runCommand(
    train,
    ["--data", "iris", "--epochs", "100000", ...CPU],
    { stopAfter: /epoch 2\// },
  );
  assert.equal(code, 130);
  assert.match(stdout, /^Stopped after 1[67] steps; nothing was saved\. With --checkpoints DIR/);
});

Deno.test("train: a directory holds checkpoints of one run alone", async () => {
  await withTempDir(async (directory) => {
    const data = ["--data", "iris", "--checkpoints", directory];
    const run = [...data, "--epochs", "1"];
    await trained(...run);
    await assert.rejects(trained(...run), {
      name: "UsageError",
      message: /has checkpoints of another run: add --resume/,
    });
    await assert.rejects(trained(...run, "--resume", "--gamma", "0.3", "--batch-size", "8"), {
      name: "UsageError",
      message: /Cannot go on .*: --gamma was 0\.5, now 0\.3; --batch-size was 16, now 8/,
    });
    const longer = await trained(...data, "--resume", "--epochs", "2");
    assert.deepEqual([longer.resumedAt, longer.steps], [8, 16]);
  });
});

Deno.test("train: a table with a number to predict; the score is in its unit", async () => {
  await withTempDir(async (directory) => {
    const path = join(directory, "table.csv");
    await Deno.writeTextFile(path, regressionCsv(200));
    const args = ["--data", path, "--model", "linear", "--optimizer", "adamf", "--lr", "0.05"];
    const one = await trained(...args, "--epochs", "1");
    const many = await trained(...args, "--epochs", "20", "--validation-split", "0.1");
    assert.ok(many.lastEpoch.loss! < one.lastEpoch.loss! / 10, "the loss falls");
    assert.ok("val_loss" in many.lastEpoch && !("val_loss" in one.lastEpoch));
    // The deviation of sin(i) / 2 is 0.354, that of y over 20.
    const { rmse, mae, r2 } = many.test!;
    assert.ok(rmse! > 0.25 && rmse! < 1.5 && mae! <= rmse!, `rmse ${rmse}, mae ${mae}`);
    assert.ok(r2! > 0.99 && r2! < 1, `r2 ${r2}`);
  });
});

Deno.test("train: every optimizer makes an epoch, and no tensor is left", async () => {
  await tf.setBackend("cpu");
  await trained("--data", "iris", "--epochs", "1"); // what stays from the first time
  const before = counts();
  // tfjs's momentum keeps its rate in a tensor that its dispose() forgets; it is looked at last.
  const last = "tfjs-momentum";
  for (const name of [...OPTIMIZER_NAMES.filter((name) => name !== last), last]) {
    if (name === last) assert.deepEqual(counts(), before);
    const { optimizer, steps, test } = await trained(
      "--data",
      "iris",
      "--epochs",
      "1",
      "--optimizer",
      name,
    );
    assert.deepEqual([optimizer, steps], [name, 8]);
    assert.ok(Number.isFinite(test!.loss), name);
  }
});

Deno.test("train: options reach the optimizer", async () => {
  const run = ["--data", "iris", "--epochs", "2"];
  const options = "--weight-decay 0.01 --exclude bias-and-norm,/kernel$/ --global-clip-norm 1 " +
    "--accumulate 2 --ema --ema-momentum 0.5 --filter --no-decoupled-weight-decay --beta1 0.8 " +
    "--learning-rate 0.02 --engine portable";
  const result = await trained(...run, "--optimizer", "adabelief", ...options.split(" "));
  assert.equal(result.steps, 8);
  assert.partialDeepStrictEqual(result.options, {
    weightDecay: 0.01,
    exclude: ["bias-and-norm", "/kernel$/"],
    globalClipNorm: 1,
    gradientAccumulationSteps: 2,
    useEma: true,
    emaMomentum: 0.5,
    filter: true,
    decoupledWeightDecay: false,
    beta1: 0.8,
    learningRate: 0.02,
    engine: "portable",
  });
  const [plain, filtered] = await Promise.all(
    [[], ["--filter"]].map((filter) => trained(...run, "--optimizer", "adam", ...filter)),
  );
  assert.notEqual(plain!.test!.loss, filtered!.test!.loss);
});

Deno.test("train: keeps the page and event files if asked to", async () => {
  await withTempDir(async (directory) => {
    const [page, events] = [join(directory, "page.html"), join(directory, "events")];
    const args = ["--data", "iris", "--epochs", "2", ...CPU];
    const { stdout, stderr } = await runCommand(
      train,
      [...args, "--report", page, "--tensorboard", events],
    );
    assert.doesNotMatch(stderr, /Live page/); // nobody asked for one
    const html = await Deno.readTextFile(page);
    assert.match(html, /^<!doctype html>[^]*adamf/i);
    assert.ok(/"gain":\[0\.\d+,0\.\d+\]/.test(html), "no gain of the filter");
    const files = [...Deno.readDirSync(join(events, "train"))].map(({ name }) => name);
    assert.ok(files.some((name) => name.includes("tfevents")), files.join());
    assert.match(stdout, /^Event files: .*events\nPage: .*page\.html$/m);
  });
});

Deno.test("train: the seed decides, and nothing else", async () => {
  const run = ["--data", "iris", "--epochs", "2"];
  const [one, same, other] = [
    await trained(...run),
    await trained(...run, "--seed", "1"),
    await trained(...run, "--seed", "2"),
  ];
  assert.deepEqual(one, same);
  assert.notEqual(one.test!.loss, other.test!.loss);
});

Deno.test("train: a loss that is NaN ends it with an error", async () => {
  const warn = console.warn;
  console.warn = () => {};
  try {
    await assert.rejects(
      trained("--data", "iris", "--optimizer", "sgd", "--lr", "1e30", "--epochs", "3"),
      { message: /Training went wrong: the loss is .* Try --learning-rate 0\.\d+$/ },
    );
  } finally {
    console.warn = warn;
  }
});

const WRONG: readonly [args: string, message: RegExp][] = [
  ["--optimizer adam --gamma 1", /adam has no option --gamma; it has --learning-rate, /],
  ["--optimizer adamf --amsgrad --denominator centred", /amsgrad must be false with denominator/],
  ["--optimizer adam --schedule cosine", /adam is of tfjs, whose optimizers have no schedules/],
  ["--model mpl", /There is no model "mpl".*did you mean "mlp"\?/],
  ["--model conv", /The model conv needs images of 13 x 13 pixels or more/],
  ["--resume", /--resume needs --checkpoints DIR/],
  ["--warmup 400", /--warmup must be less than the 400 steps of the training, got 400/],
  ["--validation-split 0.999", /leaves no row to learn from: there are 120/],
];

for (const [args, message] of WRONG) {
  Deno.test(`train: refuses ${args}`, async () => {
    await assert.rejects(trained("--data", "iris", ...args.split(" ")), {
      name: "UsageError",
      message,
    });
  });
}

Deno.test("signalfit train: a command line that is wrong ends with 2 and says what is", async () => {
  const [word, number, schedule, own] = await Promise.all(
    ["--optimizer sgfd", "--beta1 1", "--schedule cosin", "--optimizer adam --gamma 1"].map((
      args,
    ) => signalfit(["train", ...args.split(" ")])),
  );
  assert.match(word!.stderr, /Did you mean one of these\?\s+"sgd"\s+"sgdf"/);
  assert.match(number!.stderr, /`--beta1`: it must be in \[0, 1\), got "1"/);
  assert.match(schedule!.stderr, /unknown kind "cosin"; did you mean "cosine"\?/);
  assert.match(own!.stderr, /Error: adam has no option --gamma/);
  for (const { code, stdout } of [word!, number!, schedule!, own!]) {
    assert.deepEqual([code, stdout], [2, ""]);
  }
});

Deno.test("signalfit train: a mistake in a file ends with 1, names the place and leaves nothing", async () => {
  await withTempDir(async (directory) => {
    await Deno.writeTextFile(join(directory, "bad.csv"), "a,y\n1,u\n2,v\nx,u\n");
    const args =
      "train --data bad.csv --save model --csv history.csv --checkpoints run --report r.html";
    const { code, stdout, stderr } = await signalfit(args.split(" "), { cwd: directory });
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(
      stderr,
      /Error: Cannot use bad\.csv: line 4, column "a": expected a number, got "x"/,
    );
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["bad.csv"]);
  });
});

/** Tables of numbers that are easy and hard to scale: a name and rows of inputs with a target. */
const TABLES: readonly [name: string, row: (i: number) => readonly number[]][] = [
  ["y = 3a - 2b + c^2", (i) => {
    const [a, b, c] = [noise(i), noise(i + 0.3), noise(i + 0.6)];
    return [a, b, c, 3 * a - 2 * b + c * c];
  }],
  ["targets about 1e7 and inputs from 1e-3 to 1e6", (i) => {
    const [a, b, c] = [1e-3 * noise(i), 1e6 * noise(i + 0.3), 1e3 + noise(i + 0.6)];
    return [a, b, c, 1e7 + 1e8 * a + 0.05 * b];
  }],
];

/** Numbers from -1 to 1 that look random. */
function noise(i: number): number {
  const x = Math.sin(12.9898 * i + 4.1) * 43758.5453;
  return 2 * (x - Math.floor(x)) - 1;
}

for (const [name, row] of TABLES) {
  Deno.test(`train: defaults and --lr auto learn ${name}`, async () => {
    await withTempDir(async (directory) => {
      const path = join(directory, "table.csv");
      const lines = Array.from({ length: 250 }, (_, i) => row(i).join(","));
      await Deno.writeTextFile(path, `a,b,c,y\n${lines.join("\n")}\n`);
      const args = ["--data", path, "--task", "regression"];
      for (const more of [[], ["--lr", "auto"], ["--optimizer", "sgdf", "--lr", "auto"]]) {
        const { test } = await trained(...args, ...more);
        assert.ok(test!.r2! > 0.95, `R² ${test!.r2} with ${more.join(" ")}`);
      }
    });
  });
}

Deno.test("train: the rate that an error proposes trains, and --lr auto goes on with its own", async () => {
  await withTempDir(async (directory) => {
    const path = join(directory, "table.csv");
    await Deno.writeTextFile(path, regressionCsv(200));
    const args = ["--data", path, "--optimizer", "sgdf"];
    const warn = console.warn;
    console.warn = () => {};
    const error = await trained(...args).catch((error) => error).finally(() => console.warn = warn);
    const [, rate] = /Try --learning-rate ([\d.e-]+)$/.exec(error.message) ?? [];
    const { test } = await trained(...args, "--lr", rate!);
    assert.ok(test!.r2! > 0.9, `R² ${test!.r2} at ${rate}`);

    const run = [...args, "--lr", "auto", "--checkpoints", join(directory, "run")];
    const first = await trained(...run, "--epochs", "1");
    // Another batch size would find another rate; the run's own is taken before that is told of.
    const again = await trained(...run, "--epochs", "2", "--resume");
    assert.equal(first.options.learningRate, again.options.learningRate);
    assert.ok(again.resumedAt > 0);
  });
});

/** Trains in a directory of checkpoints; within the first batch, something else is done. */
async function whileTraining(directory: string, body: () => Promise<void>): Promise<void> {
  class Body extends tfl.Callback {
    override async onBatchEnd(): Promise<void> {
      await body();
    }
  }
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const callbacks = [new Checkpoint(directory, { everyEpochs: null }), new Body()];
  const [x, y] = [tf.ones([8, 2]), tf.ones([8, 1])];
  await model.fit(x, y, { batchSize: 8, verbose: 0, callbacks });
  model.dispose();
  tf.dispose([x, y]);
}

Deno.test("train: a process that the lock refuses changes nothing", async () => {
  await withTempDir(async (directory) => {
    await tf.setBackend("cpu");
    const file = join(directory, "run.json"), before = '{ "--data": "of the first run" }';
    await Deno.writeTextFile(file, before);
    await whileTraining(directory, async () => {
      await assert.rejects(trained("--data", "iris", "--checkpoints", directory), {
        message: /^Cannot keep checkpoints in /,
      });
    });
    assert.equal(await Deno.readTextFile(file), before);
  });
});
