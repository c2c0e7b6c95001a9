import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import assert from "node:assert/strict";
import { fileSystem } from "../../src/io/file_system.ts";
import {
  artifactsOf,
  filesIn,
  methods,
  predictions,
  smallModel,
  valueOf,
  withDirectory,
} from "./fixtures.ts";

const WEIGHTS_FILE = /^weights\.[0-9a-f]{16}\.bin$/;

Deno.test("fileSystem: a model comes back with the same predictions, bit for bit", async () => {
  await withDirectory(async (root) => {
    const directory = `${root}/not/yet/there`;
    const model = smallModel(1);
    const { modelArtifactsInfo } = await model.save(fileSystem(directory));
    assert.equal(modelArtifactsInfo.modelTopologyType, "JSON");
    assert.equal(modelArtifactsInfo.weightDataBytes, 4 * (3 * 4 + 4 + 4 * 2 + 2));
    assert.ok(modelArtifactsInfo.dateSaved instanceof Date);

    const [json, weights, ...rest] = filesIn(directory);
    assert.equal(json, "model.json");
    assert.match(weights ?? "", WEIGHTS_FILE);
    assert.deepEqual(rest, []);

    const loaded = await layers.loadLayersModel(fileSystem(`${directory}/`));
    assert.deepEqual(predictions(loaded), predictions(model));
  });
});

Deno.test("fileSystem: the state of the optimizer comes back", async () => {
  await withDirectory(async (directory) => {
    const model = smallModel(2);
    model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
    const [x, y] = [tf.ones([6, 3]), tf.ones([6, 2])];
    for (let step = 0; step < 3; step++) await model.trainOnBatch(x, y);
    await model.save(fileSystem(directory), { includeOptimizer: true });

    const loaded = await layers.loadLayersModel(fileSystem(directory));
    assert.ok(loaded.optimizer instanceof tf.AdamOptimizer);
    assert.deepEqual(loaded.optimizer.getConfig(), model.optimizer.getConfig());
    const state = async (m: layers.LayersModel) =>
      (await m.optimizer.getWeights()).map(({ tensor }) => [...tensor.dataSync()]);
    assert.equal((await state(model)).length, 1 + 2 * 4);
    assert.deepEqual((await state(model))[0], [3]);
    assert.deepEqual(await state(loaded), await state(model));
    assert.deepEqual(predictions(loaded), predictions(model));

    await model.trainOnBatch(x, y);
    await loaded.trainOnBatch(x, y);
    const after = predictions(model);
    // Adam restores its powers of beta by pow instead of products, a few units in the last place.
    const tolerance = 8 * 2 ** -23 * Math.max(...after.map(Math.abs));
    predictions(loaded).forEach((value, i) =>
      assert.ok(Math.abs(value - (after[i] ?? NaN)) <= tolerance)
    );
  });
});

Deno.test("fileSystem: user-defined metadata comes back", async () => {
  await withDirectory(async (directory) => {
    const model = smallModel(3);
    model.setUserDefinedMetadata({ epoch: 12, note: "Größe µ ≤ 1", nested: { a: [1, null] } });
    await model.save(fileSystem(directory));
    const loaded = await layers.loadLayersModel(fileSystem(directory));
    assert.deepEqual(loaded.getUserDefinedMetadata(), model.getUserDefinedMetadata());
  });
});

Deno.test("fileSystem: all that tfjs stores comes back, and nothing else", async () => {
  await withDirectory(async (directory) => {
    const { save, load } = methods(fileSystem(directory));
    const artifacts: tf.io.ModelArtifacts = {
      ...artifactsOf(7),
      format: "graph-model",
      generatedBy: "a",
      convertedBy: null,
      signature: { inputs: { x: {} } },
      userDefinedMetadata: { k: "v" },
      modelInitializer: { node: [] },
      initializerSignature: { outputs: {} },
      trainingConfig: { optimizer_config: {}, loss: "meanSquaredError" },
    };
    await save(artifacts);
    const loaded = await load();
    assert.equal(valueOf(loaded), 7);
    assert.deepEqual({ ...loaded, weightData: null }, { ...artifacts, weightData: null });
  });
});

Deno.test("fileSystem: a new model replaces the former, and foreign files stay", async () => {
  await withDirectory(async (directory) => {
    await smallModel(4).save(fileSystem(directory));
    const [, former] = filesIn(directory);
    const leftovers = [
      "model.0123456789abcdef.tmp",
      "weights.0123456789abcdef.bin",
      "weights.0123456789abcdef.tmp",
    ];
    const foreign = ["group1-shard1of1.bin", "model.json.orig", "notes.tmp", "weights.bin"];
    for (const name of [...leftovers, ...foreign]) {
      Deno.writeTextFileSync(`${directory}/${name}`, name);
    }

    const model = smallModel(5);
    await model.save(fileSystem(directory));
    const ours = filesIn(directory).filter((name) => !foreign.includes(name));
    assert.equal(ours.length, 2);
    assert.equal(ours[0], "model.json");
    assert.match(ours[1] ?? "", WEIGHTS_FILE);
    assert.notEqual(ours[1], former);
    assert.equal(filesIn(directory).length, ours.length + foreign.length);
    assert.deepEqual(
      predictions(await layers.loadLayersModel(fileSystem(directory))),
      predictions(model),
    );

    await model.save(fileSystem(directory));
    assert.equal(filesIn(directory).length, ours.length + foreign.length);
    assert.deepEqual(
      predictions(await layers.loadLayersModel(fileSystem(directory))),
      predictions(model),
    );
  });
});

Deno.test("fileSystem: saves that nobody waited for take turns", async () => {
  await withDirectory(async (directory) => {
    const refused = { ...artifactsOf(9), weightSpecs: [] };
    const results = await Promise.allSettled(
      [artifactsOf(1), artifactsOf(2), refused, artifactsOf(3)].map((artifacts, i) =>
        methods(fileSystem(directory + "/".repeat(i))).save(artifacts)
      ),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "fulfilled", "rejected", "fulfilled"],
    );
    assert.equal(valueOf(await methods(fileSystem(directory)).load()), 3);
    assert.equal(filesIn(directory).length, 2);
  });
});

Deno.test("fileSystem: a manifest by another tool, with two shards, loads", async () => {
  await withDirectory(async (directory) => {
    const model = smallModel(6);
    await model.save(tf.io.withSaveHandler(async (artifacts) => {
      const data = new Uint8Array(
        tf.io.concatenateArrayBuffers([artifacts.weightData].flat() as ArrayBuffer[]),
      );
      // The second shard is the longer one, which tfjs misreads if it gets the two as they are.
      await Deno.writeFile(`${directory}/group1-shard1of2.bin`, data.subarray(0, 24));
      await Deno.mkdir(`${directory}/more`);
      await Deno.writeFile(`${directory}/more/group1-shard2of2.bin`, data.subarray(24));
      const paths = ["group1-shard1of2.bin", "./more/group1-shard2of2.bin"];
      const { modelTopology, weightSpecs } = artifacts;
      await Deno.writeTextFile(
        `${directory}/model.json`,
        JSON.stringify({ modelTopology, weightsManifest: [{ paths, weights: weightSpecs }] }),
      );
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }));
    const loaded = await layers.loadLayersModel(fileSystem(directory));
    assert.deepEqual(predictions(loaded), predictions(model));
  });
});

Deno.test("fileSystem: tfjs's own loader reads what was saved", async () => {
  await withDirectory(async (directory) => {
    const model = smallModel(7);
    await model.save(fileSystem(directory));
    const fetchFunc = async (url: string | URL | Request) =>
      new Response(await Deno.readFile(String(url).replace("http://host", directory)));
    const loaded = await layers.loadLayersModel(
      tf.io.http("http://host/model.json", { fetchFunc }),
    );
    assert.deepEqual(predictions(loaded), predictions(model));
  });
});

Deno.test("fileSystem: weights may come as a stream, and strings and quantized ones load", async () => {
  await withDirectory(async (directory) => {
    const { save, load } = methods(fileSystem(directory));
    const strings = await tf.io.encodeWeights({ s: tf.tensor1d(["a", "", "long ü"]) });
    const weightSpecs: tf.io.WeightsManifestEntry[] = [
      ...strings.specs,
      {
        name: "q",
        shape: [2, 3],
        dtype: "float32",
        quantization: { dtype: "uint8", scale: 0.5, min: -1 },
      },
      { name: "scalar", shape: [], dtype: "bool" },
    ];
    const tail = new Uint8Array([0, 1, 2, 3, 4, 5, 1]);
    const { modelArtifactsInfo } = await save({
      modelTopology: {},
      weightSpecs,
      getWeightStream: () => ReadableStream.from([strings.data, tail.buffer]),
    });
    assert.equal(modelArtifactsInfo.weightDataBytes, strings.data.byteLength + 7);

    const loaded = await load();
    assert.ok(loaded.weightData instanceof ArrayBuffer);
    const { s, q, scalar } = tf.io.decodeWeights(loaded.weightData, weightSpecs);
    assert.deepEqual([...(s?.dataSync<"string">() ?? [])], ["a", "", "long ü"]);
    assert.deepEqual([...(q?.dataSync() ?? [])], [-1, -0.5, 0, 0.5, 1, 1.5]);
    assert.deepEqual([...(scalar?.dataSync() ?? [])], [1]);
  });
});

Deno.test("fileSystem: a topology may have no weights", async () => {
  await withDirectory(async (directory) => {
    const { save, load } = methods(fileSystem(directory));
    await save({ modelTopology: { a: 1 } });
    assert.deepEqual(filesIn(directory), ["model.json"]);
    const loaded = await load();
    assert.deepEqual(loaded.modelTopology, { a: 1 });
    assert.ok(!("weightData" in loaded) && !("weightSpecs" in loaded));

    const flatten = layers.sequential({ layers: [layers.layers.flatten({ inputShape: [2, 2] })] });
    await flatten.save(fileSystem(directory));
    assert.equal((await layers.loadLayersModel(fileSystem(directory))).weights.length, 0);
  });
});

Deno.test("fileSystem: no tensor is left behind", async () => {
  await withDirectory(async (directory) => {
    const model = smallModel(8);
    const before = tf.memory().numTensors;
    await model.save(fileSystem(directory));
    assert.equal(tf.memory().numTensors, before);
    const loaded = await layers.loadLayersModel(fileSystem(directory));
    loaded.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
});
