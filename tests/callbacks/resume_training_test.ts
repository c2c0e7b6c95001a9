import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, Checkpoint, fileSystem, resumeTraining, sgdf } from "@signalfit/tfjs";
import { EmaWeights } from "@signalfit/tfjs/diffusion";
import { type BackendName, counts, useBackend } from "../support/backends.ts";
import { smallData, smallModel, weightsOf } from "../support/models.ts";
import { backendTest } from "../support/test.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { warnings } from "./fixtures.ts";

const FIT = { batchSize: 8, shuffle: false, verbose: 0 };

function compiled(optimizer: tf.Optimizer = adamf({ learningRate: 0.05 }), model = smallModel()) {
  model.compile({ optimizer, loss: "categoricalCrossentropy" });
  return model;
}

/** Fits a model with a checkpoint an epoch, 3 batches each. */
async function fit(
  model: tfl.LayersModel,
  epochs: number,
  callbacks: tfl.Callback[],
  from?: number,
) {
  const { xs, ys } = smallData(24);
  await model.fit(xs, ys, { ...FIT, epochs, initialEpoch: from, callbacks });
  tf.dispose([xs, ys]);
}

const state = async (optimizer: tf.Optimizer) =>
  (await optimizer.getWeights()).map(({ tensor }) => [...tensor.dataSync()]);
const names = (directory: string) =>
  [...Deno.readDirSync(directory)].map(({ name }) => name).sort();

function dispose(...models: tfl.LayersModel[]): void {
  for (const model of models) {
    (model.optimizer as tf.Optimizer).dispose();
    model.dispose();
  }
}

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `resume - model.fit goes on exactly, at the next epoch: ${backend}`,
    backend,
    () =>
      withTempDir(async (directory) => {
        const before = counts();
        const whole = compiled(), broken = compiled(), other = compiled();
        await fit(whole, 4, []);
        await fit(broken, 2, [new Checkpoint(directory)]);
        // Built beside another model of the same names: all of its own have a suffix.
        assert.ok(other.weights.every(({ name }) => /_\d+$/.test(name)));
        const checkpoint = new Checkpoint(directory);
        const start = await resumeTraining(other, checkpoint);
        assert.deepEqual(start, {
          epoch: 2,
          step: 0,
          globalStep: 6,
          initialEpoch: 2,
          path: `${directory}/000002-step-6`,
          skipped: [],
        });
        await fit(other, 4, [checkpoint], start!.initialEpoch);
        assert.deepEqual(await weightsOf(other), await weightsOf(whole));
        const [resumed, expected] = [other, whole].map((model) =>
          (model.optimizer as tf.Optimizer).getWeights().then((weights) =>
            Promise.all(weights.map(async ({ tensor }) => [...await tensor.data()]))
          )
        );
        assert.deepEqual(await resumed, await expected);
        dispose(whole, broken, other);
        assert.deepEqual(counts(), before);
      }),
  );
}

Deno.test("resume - tfjs's Adam keeps its powers of beta, which it would round differently", () =>
  withTempDir(async (directory) => {
    await useBackend("cpu");
    const powers = (model: tfl.LayersModel) =>
      model.optimizer as unknown as Record<string, tf.Variable>;
    const [saved, resumed] = [compiled(tf.train.adam(0.01)), compiled(tf.train.adam(0.01))];
    await fit(saved, 1, []);
    for (const name of ["accBeta1", "accBeta2"]) {
      tf.tidy(() => powers(saved)[name]!.assign(tf.scalar(0.7654321)));
    }
    await fit(saved, 2, [new Checkpoint(directory)], 1);
    await resumeTraining(resumed, directory);
    for (const name of ["accBeta1", "accBeta2"]) {
      const [a, b] = [saved, resumed].map((model) => powers(model)[name]!.dataSync()[0]);
      assert.equal(b, a);
      assert.ok(a! > 0.5 && a! < 0.7654321);
    }
    dispose(saved, resumed);
  }));

Deno.test("resume - where nothing was saved there is nothing to go on with", () =>
  withTempDir(async (root) => {
    await useBackend("cpu");
    const model = compiled();
    assert.equal(await resumeTraining(model, root), undefined);
    assert.equal(await resumeTraining(model, `${root}/none`), undefined);
    await fit(model, 1, [new Checkpoint(`${root}/none`)]);
    dispose(model);
  }));

Deno.test("resume - a checkpoint is a model that tfjs loads", () =>
  withTempDir(async (directory) => {
    await useBackend("cpu");
    const model = compiled(), checkpoint = new Checkpoint(directory);
    await fit(model, 1, [checkpoint]);
    const loaded = await tfl.loadLayersModel(fileSystem(checkpoint.newest!));
    assert.deepEqual(await weightsOf(loaded), await weightsOf(model));
    dispose(model);
    loaded.dispose();
  }));

Deno.test("resume - a damaged checkpoint is passed over with a message, and the one before used", () =>
  withTempDir(async (directory) => {
    await useBackend("cpu");
    const model = compiled();
    await fit(model, 3, [new Checkpoint(directory)]);
    const damage = (name: string) => {
      const path = `${directory}/${name}`, bytes = Deno.readFileSync(path);
      bytes[bytes.length >> 1]! ^= 1;
      Deno.writeFileSync(path, bytes);
    };
    damage("000003-step-9/weights.bin");
    Deno.removeSync(`${directory}/000002-step-6/state.json`);
    const again = compiled(), checkpoint = new Checkpoint(directory);
    const said = await warnings(async () => {
      const start = await resumeTraining(again, checkpoint);
      assert.equal(start!.path, `${directory}/000001-step-3`);
      assert.deepEqual(
        start!.skipped,
        ["000003-step-9", "000002-step-6"].map((name) => `${directory}/${name}`),
      );
    });
    assert.equal(said.length, 2);
    assert.ok(
      said[0]!.startsWith(
        `resumeTraining: passing over ${directory}/000003-step-9: weights.bin is damaged: the SHA-256`,
      ),
      said[0],
    );
    assert.equal(
      said[1],
      `resumeTraining: passing over ${directory}/000002-step-6: state.json is missing`,
    );
    await fit(again, 3, [checkpoint], 1);
    assert.deepEqual(await weightsOf(again), await weightsOf(model));
    assert.deepEqual(
      names(directory),
      ["000001-step-3", "000004-step-6", "000005-step-9"],
      "the damaged ones are gone, and do not count",
    );
    for (const name of names(directory)) damage(`${name}/state.bin`);
    await warnings(() =>
      assert.rejects(resumeTraining(again, checkpoint), {
        message: `Cannot resume from ${directory}: none of its 3 checkpoints is whole; remove ` +
          `them to begin anew`,
      })
    );
    dispose(model, again);
  }));

Deno.test("resume - what does not fit is refused, and nothing is changed", () =>
  withTempDir(async (directory) => {
    await useBackend("cpu");
    const saved = compiled(), ema = new EmaWeights();
    await fit(saved, 1, [new Checkpoint(directory, { callbacks: [ema] }), ema]);
    const before = counts();
    const refuses = async (
      model: tfl.LayersModel,
      message: string | RegExp,
      callbacks: tfl.Callback[] = [],
    ) => {
      const optimizer = model.optimizer as tf.Optimizer;
      const [weights, kept] = [await weightsOf(model), await state(optimizer)];
      const stages = `Cannot resume from ${directory}: 000001-step-3: `;
      await warnings(() =>
        assert.rejects(resumeTraining(model, directory, { callbacks }), (error: Error) => {
          assert.ok(error.message.startsWith(stages), error.message);
          const rest = error.message.slice(stages.length);
          if (typeof message === "string") assert.equal(rest, message);
          else assert.match(rest, message);
          return true;
        })
      );
      assert.deepEqual([await weightsOf(model), await state(optimizer)], [weights, kept]);
      dispose(model);
    };
    const dense = (units: number[], layer = ["small_hidden", "small_out", "third"]) =>
      compiled(
        adamf(),
        tfl.sequential({
          layers: units.map((size, i) =>
            tfl.layers.dense({ units: size, name: layer[i], inputShape: i === 0 ? [4] : undefined })
          ),
        }),
      );
    await refuses(
      dense([8, 5]),
      `the first layer that does not fit is "small_out": its weight "small_out/kernel" has ` +
        `shape [8, 5] in the model, shape [8, 3] in the checkpoint`,
    );
    await refuses(
      dense([8, 3], ["small_hidden", "head"]),
      `the first layer that does not fit is "head": the model has "head/kernel" of shape ` +
        `[8, 3], the checkpoint has "small_out/kernel" of shape [8, 3] in its place`,
    );
    await refuses(
      dense([8, 3, 2]),
      `the first layer that does not fit is "third": the model has "third/kernel" of shape ` +
        `[3, 2], the checkpoint has nothing in its place`,
    );
    await refuses(
      dense([8]),
      `the model has nothing for the checkpoint's weight "small_out/kernel" of shape [8, 3]`,
    );
    await refuses(
      compiled(sgdf()),
      `it was trained with AdamF, the model is compiled with SGDF`,
    );
    await refuses(compiled(adamf({ amsgrad: true })), /the slot "vmax" of "small_.*" is missing$/);

    class Refuses extends EmaWeights {
      override setWeights(): Promise<void> {
        return Promise.reject(new Error("not mine"));
      }
    }
    Object.defineProperty(Refuses, "name", { value: "EmaWeights" });
    await refuses(compiled(), "EmaWeights does not take its state: not mine", [new Refuses()]);
    assert.deepEqual(counts(), before);

    const plain = smallModel();
    await assert.rejects(
      resumeTraining(plain, directory),
      /the model has no optimizer: compile it first/,
    );
    plain.dispose();
    dispose(saved);
    ema.dispose();
  }));

Deno.test("resume - a callback that refuses its state leaves the others as they were", () =>
  withTempDir(async (directory) => {
    await useBackend("cpu");
    class Counts extends tfl.Callback {
      constructor(public state: number, readonly fails = false) {
        super();
      }
      getState(): number {
        return this.state;
      }
      setState(state: number): void {
        if (this.fails) throw new Error("no");
        this.state = state;
      }
    }
    const model = compiled();
    await fit(model, 1, [new Checkpoint(directory, { callbacks: [new Counts(1), new Counts(2)] })]);
    const [first, second] = [new Counts(7), new Counts(8)];
    const callbacks = [first, new Counts(8, true)];
    await assert.rejects(
      resumeTraining(model, directory, { callbacks }),
      /Counts 2 does not take its/,
    );
    assert.equal(first.state, 7);
    await resumeTraining(model, directory, { callbacks: [first, second] });
    assert.deepEqual([first.state, second.state], [1, 2]);
    dispose(model);
  }));

Deno.test("resume - warns of state that nobody takes, and of callbacks that begin anew", () =>
  withTempDir(async (directory) => {
    await useBackend("cpu");
    const model = compiled(), ema = new EmaWeights();
    await fit(model, 1, [new Checkpoint(directory, { callbacks: [ema] }), ema]);
    class Other extends EmaWeights {}
    const other = new Other(), stop = tfl.callbacks.earlyStopping({ monitor: "loss" });
    const said = await warnings(async () =>
      void await resumeTraining(model, directory, { callbacks: [other, stop] })
    );
    assert.deepEqual(said, [
      "resumeTraining: the checkpoint has the state of EmaWeights, not among the callbacks; it is left out",
      "resumeTraining: the checkpoint has no state of Other, which begins anew",
    ]);
    dispose(model);
    ema.dispose();
  }));

Deno.test("resume - a learning rate that was changed while training is taken up", () =>
  withTempDir(async (directory) => {
    await useBackend("cpu");
    for (const create of [() => sgdf({ learningRate: 0.1 }), () => tf.train.momentum(0.1, 0.9)]) {
      const model = compiled(create()), at = `${directory}/${model.optimizer.getClassName()}`;
      class Lowers extends tfl.Callback {
        override onEpochEnd(): Promise<void> {
          const optimizer = this.model.optimizer as tf.SGDOptimizer;
          if (optimizer.setLearningRate) optimizer.setLearningRate(0.025);
          else (optimizer as unknown as { learningRate: number }).learningRate = 0.025;
          return Promise.resolve();
        }
      }
      await fit(model, 2, [new Checkpoint(at), new Lowers()]);
      const broken = compiled(create()), resumed = compiled(create());
      await fit(broken, 1, [new Checkpoint(`${at}-1`), new Lowers()]);
      const checkpoint = new Checkpoint(`${at}-1`);
      const said = await warnings(async () => void await resumeTraining(resumed, checkpoint));
      assert.match(
        said.join(),
        /^resumeTraining: the learning rate is 0\.025 again.* not 0\.1; set/,
      );
      await fit(resumed, 2, [checkpoint, new Lowers()], 1);
      assert.deepEqual(await weightsOf(resumed), await weightsOf(model));
      dispose(model, broken, resumed);
    }
  }));
