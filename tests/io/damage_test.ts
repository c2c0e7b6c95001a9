import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { Checkpoint, fileSystem, sgdf } from "@signalfit/tfjs";
import { methods, smallModel, withDirectory } from "./fixtures.ts";

/** Flips a bit of each byte of a file in turn: what is loaded then is the same model, or refused. */
async function flipAll(directory: string, name: string): Promise<number> {
  const { load } = methods(fileSystem(directory)), path = `${directory}/${name}`;
  const whole = Deno.readFileSync(path), expected = await load();
  let refused = 0;
  for (let at = 0; at < whole.length; at++) {
    const damaged = whole.slice();
    damaged[at]! ^= 1 << (at % 8);
    Deno.writeFileSync(path, damaged);
    const found = await load().catch((error: Error) => error);
    if (!(found instanceof Error)) assert.deepEqual(found, expected, `${name}, byte ${at}`);
    else {
      assert.ok(found.message.startsWith(`Cannot load a model from ${directory}: `));
      refused++;
    }
  }
  Deno.writeFileSync(path, whole);
  assert.deepEqual(await load(), expected);
  return refused / whole.length;
}

Deno.test("fileSystem - no flipped bit of what it saved loads as another model", async () => {
  await withDirectory(async (directory) => {
    const model = smallModel(1);
    model.compile({ optimizer: sgdf(), loss: "meanSquaredError" });
    await model.save(fileSystem(directory), { includeOptimizer: true });
    // The name of the digest's field may be another one: then there is none, and the rest is whole.
    assert.ok(await flipAll(directory, "model.json") > 0.9);
    const weights = [...Deno.readDirSync(directory)].find(({ name }) => name !== "model.json")!;
    assert.equal(await flipAll(directory, weights.name), 1);
  });
});

Deno.test("fileSystem - nor one of a checkpoint, which is checked by its manifest", async () => {
  await withDirectory(async (directory) => {
    const model = smallModel(1);
    model.compile({ optimizer: sgdf(), loss: "meanSquaredError" });
    const checkpoint = new Checkpoint(directory),
      data = [tf.ones([4, 3]), tf.ones([4, 2])] as const;
    await model.fit(...data, { verbose: 0, callbacks: [checkpoint] });
    const newest = checkpoint.newest!;
    assert.ok(await flipAll(newest, "model.json") > 0.9);
    assert.equal(await flipAll(newest, "weights.bin"), 1);
    Deno.removeSync(`${newest}/manifest.json`);
    await tfl.loadLayersModel(fileSystem(newest)); // a model that was copied without it
  });
});

Deno.test("fileSystem - what others wrote has no digest; what is laid out anew keeps its own", async () => {
  await withDirectory(async (directory) => {
    const model = smallModel(1), path = `${directory}/model.json`;
    await model.save(fileSystem(directory));
    const { load } = methods(fileSystem(directory)), expected = await load();
    const json = JSON.parse(Deno.readTextFileSync(path));
    Deno.writeTextFileSync(path, `\uFEFF${JSON.stringify(json, undefined, 2)}\n`);
    assert.deepEqual(
      await load(),
      expected,
      "spaces, and what editors of Windows begin files with",
    );
    json.generatedBy = "me";
    Deno.writeTextFileSync(path, JSON.stringify(json));
    await assert.rejects(
      load(),
      /model\.json is damaged, or was changed: .*remove its field "digest"/,
    );
    delete json.digest;
    Deno.writeTextFileSync(path, JSON.stringify(json));
    assert.deepEqual(await load(), { ...expected, generatedBy: "me" });
  });
});
