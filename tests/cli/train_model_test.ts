import assert from "node:assert/strict";
import { join } from "node:path";
import * as tfl from "@tensorflow/tfjs-layers";
import { fileSystem } from "../../mod.ts";
import { loadDataset } from "../../cli/data/load.ts";
import { train } from "../../cli/train/command.ts";
import type { TrainResult } from "../../cli/train/learn.ts";
import { modelSource } from "../../cli/train/model_source.ts";
import { parseSchedule, rateOver } from "../../cli/train/schedules.ts";
import { seedInitializers } from "../../cli/train/seed_initializers.ts";
import { smallDataSet } from "../examples/fixtures.ts";
import { backendTest } from "../support/test.ts";
import { weightsOf } from "../support/models.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { runCommand } from "./in_process.ts";

async function trained(...args: string[]): Promise<TrainResult> {
  const { stdout } = await runCommand(train, [...args, "--backend", "cpu", "--json"]);
  return JSON.parse(stdout);
}

/** A small network for iris, without seeds. */
function network(outputs = 3): tfl.Sequential {
  return tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 6, inputShape: [4], activation: "tanh" }),
      tfl.layers.dense({ units: outputs, activation: "softmax" }),
    ],
  });
}

backendTest("train: a topology in a JSON file begins with weights of the seed", "cpu", async () => {
  const iris = await loadDataset({ data: "iris" });
  await withTempDir(async (directory) => {
    const model = network();
    for (
      const [name, text] of [
        ["plain.json", JSON.stringify(model.toJSON(null, false))],
        ["wrapped.json", JSON.stringify({ modelTopology: model.toJSON(null, false) })],
        ["text.json", model.toJSON() as string],
      ] as const
    ) {
      const path = join(directory, name);
      await Deno.writeTextFile(path, text);
      const source = await modelSource(path, iris);
      assert.ok(source.kernels.includes("_FusedMatMul"), source.kernels.join());
      const [one, same, other] = [
        await source.build(1),
        await source.build(1),
        await source.build(2),
      ];
      assert.deepEqual(await weightsOf(one), await weightsOf(same));
      assert.notDeepEqual(await weightsOf(one), await weightsOf(other));
      for (const built of [one, same, other]) built.dispose();
    }
    model.dispose();
    const { test, model: name } = await trained(
      "--data",
      "iris",
      "--model",
      join(directory, "plain.json"),
      ...["--optimizer", "sgdf"],
    );
    assert.ok(test!.accuracy! > 0.8, `accuracy ${test!.accuracy}`);
    assert.equal(name, join(directory, "plain.json"));
  });
});

backendTest("train: a saved model goes on with its weights", "cpu", async () => {
  await withTempDir(async (directory) => {
    const first = await trained("--data", "iris", "--epochs", "20", "--save", directory);
    const iris = await loadDataset({ data: "iris" });
    const source = await modelSource(directory, iris);
    const [saved, built] = [
      await tfl.loadLayersModel(fileSystem(directory)),
      await source.build(5),
    ];
    assert.deepEqual(await weightsOf(built), await weightsOf(saved));
    for (const model of [saved, built]) model.dispose();
    const file = join(directory, "model.json");
    const next = await trained("--data", "iris", "--model", file, "--epochs", "1", "--lr", "1e-6");
    assert.ok(Math.abs(next.test!.loss - first.test!.loss) < 1e-3);
  });
});

const FAULTS: readonly [name: string, text: string | (() => string), message: RegExp][] = [
  ["a comma too many", '{\n  "a": 1,\n}', /line 3, column 1: expected JSON, got "\}"/],
  ["an end too early", '{"a":\n [1', /line 2, column 4: expected JSON, got the end of the file/],
  ["something else", '{"layers": []}', /expected a layers model of Tensor.*got one with "layers"/],
  ["a list", "[]", /expected a layers model of TensorFlow\.js.* got a list/],
  ["a graph model", '{"format":"graph-model"}', /got a graph model, which cannot be trained/],
  [
    "a layer that nobody knows",
    '{"class_name":"Sequential","config":{"name":"a","layers":[{"class_name":"Foo","config":{}}]}}',
    /Cannot use .*Foo/s,
  ],
  [
    "a network for other data",
    () => JSON.stringify(network(2).toJSON(null, false)),
    /expected an output of 3 numbers, got 2, for iris/,
  ],
  [
    "a network with another input",
    () => JSON.stringify(network().toJSON(null, false)).replace("[null,4]", "[null,5]"),
    /expected an input of 4 numbers \(4\), got 5, for iris/,
  ],
];

for (const [name, text, message] of FAULTS) {
  backendTest(`train: a model file with ${name} is refused`, "cpu", async () => {
    const iris = await loadDataset({ data: "iris" });
    await withTempDir(async (directory) => {
      const path = join(directory, "model.json");
      await Deno.writeTextFile(path, typeof text === "string" ? text : text());
      await assert.rejects(modelSource(path, iris), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.includes(path), error.message);
        return true;
      });
    });
  });
}

backendTest("train: images, with each model that comes with the program", "cpu", async () => {
  await withTempDir(async (directory) => {
    const side = 14;
    for (const [name, bytes] of Object.entries(smallDataSet({ train: 140, test: 28, side }))) {
      await Deno.writeFile(join(directory, name), bytes);
    }
    for (const model of ["mlp", "linear", "conv"]) {
      const { test, steps } = await trained(
        ...["--data", directory, "--model", model, "--optimizer", "adamf", "--lr", "0.01"],
        ...["--epochs", "12", "--batch-size", "20", "--limit", "120"],
      );
      assert.equal(steps, 72);
      assert.ok(test!.accuracy! > 0.9, `${model}: ${test!.accuracy}`);
    }
  });
});

Deno.test("seedInitializers() leaves seeds that are there, and all that is no initializer", () => {
  const topology = {
    config: {
      layers: [
        { kernel_initializer: { class_name: "VarianceScaling", config: { scale: 1, seed: null } } },
        { kernelInitializer: { className: "RandomNormal", config: { seed: 7 } } },
        { bias_initializer: { class_name: "Zeros", config: {} }, seed: null },
      ],
    },
  };
  const seeded = seedInitializers(topology, 100);
  assert.deepEqual(seeded.config.layers, [
    { kernel_initializer: { class_name: "VarianceScaling", config: { scale: 1, seed: 100 } } },
    { kernelInitializer: { className: "RandomNormal", config: { seed: 7 } } },
    { bias_initializer: { class_name: "Zeros", config: { seed: 101 } }, seed: null },
  ]);
});

Deno.test("parseSchedule() and rateOver(): from the rate, over the steps, with options", () => {
  const at = (text: string, warmup = 0) => {
    const rate = rateOver(parseSchedule(text), 0.5, 100, warmup);
    if (typeof rate === "number") return [];
    return [0, 50, 99, 100].map((step) => Number(rate(step).toFixed(4)));
  };
  assert.equal(rateOver(undefined, 0.5, 100, 0), 0.5);
  assert.deepEqual(at("constant"), [0.5, 0.5, 0.5, 0.5]);
  assert.deepEqual(at("cosine"), [0.5, 0.25, 0.0001, 0]);
  assert.deepEqual(at("cosine:alpha=0.5"), [0.5, 0.375, 0.2501, 0.25]);
  assert.deepEqual(at("polynomial"), [0.5, 0.25, 0.005, 0]);
  assert.deepEqual(at("multi-step:milestones=[10,60],gamma=0.5"), [0.5, 0.25, 0.125, 0.125]);
  assert.deepEqual(at("constant", 100).slice(1), [0.25, 0.495, 0.5]);
  assert.throws(
    () => parseSchedule("cosine:alfa=1"),
    /unknown option "alfa"; did you mean "alpha"/,
  );
  assert.throws(() => parseSchedule("cosine:alpha=2"), /alpha must be in \[0, 1\], got 2/);
  assert.throws(() => parseSchedule("join"), /unknown kind "join"; the kinds are constant/);
});
