import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { Checkpoint, type CheckpointOptions, resumeTraining, sgdf } from "@signalfit/tfjs";
import { useBackend } from "../support/backends.ts";
import { smallData, smallModel } from "../support/models.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { warnings } from "./fixtures.ts";

await useBackend("cpu");
const names = (directory: string) =>
  [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
const stop = (patience: number) => tfl.callbacks.earlyStopping({ monitor: "loss", patience });

function compiled(optimizer: tf.Optimizer = sgdf({ learningRate: 0.01 })): tfl.LayersModel {
  const model = smallModel();
  model.compile({ optimizer, loss: "categoricalCrossentropy" });
  return model;
}

/** Three batches an epoch. */
async function fit(
  model: tfl.LayersModel,
  callbacks: tfl.Callback[],
  epochs: number,
  initialEpoch = 0,
) {
  const { xs, ys } = smallData(24);
  try {
    await model.fit(xs, ys, {
      batchSize: 8,
      shuffle: false,
      verbose: 0,
      epochs,
      initialEpoch,
      callbacks,
    });
  } finally {
    tf.dispose([xs, ys]);
  }
}

/** Says a value at the end of each epoch. */
class Scores extends tfl.Callback {
  constructor(readonly values: readonly number[]) {
    super();
  }
  override onEpochEnd(epoch: number, logs?: tfl.Logs | Record<string, unknown>): Promise<void> {
    (logs as Record<string, unknown>).score = this.values[epoch];
    return Promise.resolve();
  }
}

for (
  const [what, options, epochs, expected] of [
    ["each epoch, the last three", {}, 5, ["000003-step-9", "000004-step-12", "000005-step-15"]],
    ["each second epoch, and the end", { everyEpochs: 2 }, 5, [
      "000001-step-6",
      "000002-step-12",
      "000003-step-15",
    ]],
    ["the end alone", { everyEpochs: null }, 5, ["000001-step-15"]],
    ["each fourth batch", { everySteps: 4, everyEpochs: null, keep: 9 }, 5, [
      "000001-step-4",
      "000002-step-8",
      "000003-step-12",
      "000004-step-15",
    ]],
    ["batches and epochs, once where they coincide", { everySteps: 3, keep: 9 }, 2, [
      "000001-step-3",
      "000002-step-6",
    ]],
    ["the last one", { keep: 1 }, 5, ["000005-step-15"]],
  ] satisfies [string, CheckpointOptions, number, string[]][]
) {
  Deno.test(`Checkpoint - saves and keeps ${what}`, () =>
    withTempDir(async (directory) => {
      const model = compiled(), checkpoint = new Checkpoint(directory, options);
      await fit(model, [checkpoint], epochs);
      assert.deepEqual(names(directory), expected);
      assert.equal(checkpoint.newest, `${directory}/${expected.at(-1)}`);
      assert.equal(checkpoint.best, undefined);
      model.dispose();
    }));
}

Deno.test("Checkpoint - an improvement is saved and kept as the best, also when it is resumed", () =>
  withTempDir(async (directory) => {
    const model = compiled();
    const options = { monitor: "score", mode: "max", everyEpochs: null, keep: 1 } as const;
    const scores = new Scores([NaN, 2, 5, Infinity, 3, 4, 6, 1]);
    // The score is told after the checkpoint's turn, which must not matter.
    const first = new Checkpoint(directory, options);
    await fit(model, [first, scores], 5);
    assert.deepEqual(names(directory), ["000002-step-9", "000003-step-15"]);
    assert.deepEqual(first.best, { path: `${directory}/000002-step-9`, value: 5 });

    const second = new Checkpoint(directory, options);
    const start = await resumeTraining(model, second);
    assert.deepEqual(second.best, first.best);
    await fit(model, [second, scores], 8, start!.initialEpoch);
    assert.deepEqual(names(directory), ["000004-step-21", "000005-step-24"]);
    assert.deepEqual(second.best, { path: `${directory}/000004-step-21`, value: 6 });
    model.dispose();
  }));

Deno.test("Checkpoint - the best one goes with keepBest: false; less is better for a loss", () =>
  withTempDir(async (directory) => {
    const model = compiled();
    const checkpoint = new Checkpoint(directory, { monitor: "loss", keep: 1, keepBest: false });
    await fit(model, [checkpoint], 3);
    assert.deepEqual(names(directory), ["000003-step-9"]);
    assert.equal(checkpoint.best!.path, `${directory}/000003-step-9`, "the loss falls");
    model.dispose();
  }));

Deno.test("Checkpoint - names no best one that is gone, and goes on comparing with it", () =>
  withTempDir(async (directory) => {
    const model = compiled();
    const options = { monitor: "score", mode: "max", keep: 1, keepBest: false } as const;
    const checkpoint = new Checkpoint(directory, options), scores = new Scores([5, 1, 4, 6, 2]);
    await fit(model, [scores, checkpoint], 1);
    assert.equal(checkpoint.best!.path, `${directory}/000001-step-3`);
    await fit(model, [scores, checkpoint], 3, 1);
    assert.equal(checkpoint.best, undefined);
    const second = new Checkpoint(directory, { ...options, everyEpochs: null });
    await resumeTraining(model, second);
    assert.equal(second.best, undefined);
    await fit(model, [scores, second], 4, 3);
    assert.deepEqual(second.best, { path: `${directory}/000004-step-12`, value: 6 });
    model.dispose();
  }));

Deno.test("Checkpoint - warns once where there is nothing of what it watches", () =>
  withTempDir(async (directory) => {
    const model = compiled();
    const said = await warnings(() =>
      fit(model, [new Checkpoint(directory, { monitor: "val_loss" })], 3)
    );
    assert.deepEqual(said, ['Checkpoint watches "val_loss", but there is only loss']);
    model.dispose();
  }));

for (const order of ["before", "after"]) {
  Deno.test(`Checkpoint - saves what an early stop leaves, standing ${order} it`, () =>
    withTempDir(async (directory) => {
      const model = compiled(sgdf({ learningRate: 1e-30 })), checkpoint = new Checkpoint(directory);
      const both = [checkpoint, stop(2)];
      await fit(model, order === "before" ? both : both.toReversed(), 9);
      assert.deepEqual(names(directory), ["000001-step-3", "000002-step-6", "000003-step-9"]);
      const start = await resumeTraining(model, directory);
      assert.equal(start!.initialEpoch, 3);
      model.dispose();
    }));
}

Deno.test("Checkpoint - two in a fit, each to its directory; and again in the next fit", () =>
  withTempDir(async (root) => {
    const model = compiled();
    const both = [new Checkpoint(`${root}/a`), new Checkpoint(`${root}/b`, { everySteps: 2 })];
    await fit(model, both, 1);
    await fit(model, both, 2, 1);
    assert.deepEqual(names(`${root}/a`), ["000001-step-3", "000002-step-6"]);
    assert.deepEqual(names(`${root}/b`), ["000002-step-3", "000003-step-4", "000004-step-6"]);
    model.dispose();
  }));

Deno.test("Checkpoint - a directory with another run's checkpoints is not written to", () =>
  withTempDir(async (directory) => {
    const model = compiled(), other = new Checkpoint(directory), late = new Checkpoint(directory);
    await resumeTraining(model, late);
    await fit(model, [other], 1);
    await assert.rejects(fit(model, [new Checkpoint(directory)], 1), {
      message: `Cannot keep checkpoints in ${directory}: it has checkpoints of another run, the ` +
        `newest being 000001-step-3; go on with that one by calling resumeTraining(model, checkpoint) ` +
        `before training, or give another directory`,
    });
    await resumeTraining(model, late);
    await fit(model, [other], 2, 1);
    await assert.rejects(
      fit(model, [late], 1),
      /000002-step-6 has been saved there since by another/,
    );
    assert.deepEqual(names(directory), ["000001-step-3", "000002-step-6"], "and no lock is left");
    model.dispose();
  }));

Deno.test("Checkpoint - leftovers of a crash are removed, foreign files stay", () =>
  withTempDir(async (directory) => {
    Deno.mkdirSync(`${directory}/.000001-step-3.0123456789abcdef.tmp`);
    Deno.writeTextFileSync(`${directory}/.000001-step-3.0123456789abcdef.tmp/weights.bin`, "half");
    Deno.writeTextFileSync(`${directory}/notes.txt`, "mine");
    const model = compiled();
    await fit(model, [new Checkpoint(directory)], 1);
    assert.deepEqual(names(directory), ["000001-step-3", "notes.txt"]);
    model.dispose();
  }));

Deno.test("Checkpoint - an optimizer that cannot give its state is refused at the start", () =>
  withTempDir(async (directory) => {
    const model = compiled(tf.train.adamax(0.1));
    await assert.rejects(fit(model, [new Checkpoint(directory)], 1), {
      message:
        `Cannot keep checkpoints in ${directory}: getWeights() is not implemented for Adamax yet.`,
    });
    model.dispose();
  }));

Deno.test("Checkpoint - options are checked", () => {
  const refuses = (options: unknown, message: RegExp) =>
    assert.throws(() => new Checkpoint("a", options as CheckpointOptions), message);
  refuses({ everySteps: 0 }, /everySteps must be a whole number >= 1, or null, got 0$/);
  refuses({ everyEpochs: 1.5 }, /everyEpochs must be a whole number >= 1, or null, got 1\.5$/);
  refuses({ monitor: "" }, /monitor must be a name such as "val_loss", or null, got ""$/);
  refuses({ mode: "most" }, /mode must be one of "auto", "min", "max", got "most"$/);
  refuses({ keep: 0 }, /keep must be a whole number >= 1, got 0$/);
  refuses({ keepBest: 1 }, /keepBest must be true or false, got 1$/);
  refuses(
    { callbacks: [{}] },
    /callbacks must be a list of callbacks that are instances of a class/,
  );
  refuses({ data: [] }, /data must have a method seek\(epoch, step\), as trainingBatches has/);
  refuses({ everyStep: 2 }, /unknown option "everyStep"; did you mean "everySteps"\?$/);
  assert.throws(
    () => new Checkpoint(""),
    /Cannot create Checkpoint: path must be a path, not empty/,
  );
  assert.throws(() => new Checkpoint("file:///a"), TypeError);
});
