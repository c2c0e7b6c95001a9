import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  adamf,
  adamw,
  cosineDecay,
  filtered,
  momentum,
  ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
  type ReduceLROnPlateauState,
  sgdf,
} from "@signalfit/tfjs";
import { counts } from "../support/backends.ts";
import { smallData, smallModel } from "../support/models.ts";
import { backendTest } from "../support/test.ts";
import { dataset, warnings } from "./fixtures.ts";

const RATE = 0.01;

const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  "tf.train.sgd": () => tf.train.sgd(RATE),
  "tf.train.momentum": () => tf.train.momentum(RATE, 0.9),
  "tf.train.rmsprop": () => tf.train.rmsprop(RATE),
  "tf.train.adagrad": () => tf.train.adagrad(RATE),
  "tf.train.adadelta": () => tf.train.adadelta(RATE),
  "tf.train.adam": () => tf.train.adam(RATE),
  "tf.train.adamax": () => tf.train.adamax(RATE),
  "sgdf": () => sgdf({ learningRate: RATE }),
  "adamf": () => adamf({ learningRate: RATE }),
  "adamw": () => adamw({ learningRate: RATE, weightDecay: 0 }),
  "momentum": () => momentum({ learningRate: RATE }),
  "filtered(tf.train.sgd)": () => filtered(tf.train.sgd(RATE)),
};

const rateOf = (optimizer: tf.Optimizer) => {
  const { inner, learningRate } = optimizer as unknown as {
    inner?: { learningRate: number };
    learningRate: number;
  };
  return inner?.learningRate ?? learningRate;
};

/** A model with one weight, far from where its loss is least. */
function oneWeight(optimizer: tf.Optimizer): tfl.Sequential {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({
        units: 1,
        inputShape: [1],
        useBias: false,
        kernelInitializer: "ones",
      }),
    ],
  });
  model.compile({ optimizer, loss: "meanSquaredError" });
  return model;
}

/** Drives a callback through epochs with the given values, as fit would; the rate after each. */
async function drive(
  options: ReduceLROnPlateauOptions,
  values: readonly number[],
  callback = new ReduceLROnPlateau(options),
): Promise<number[]> {
  const optimizer = tf.train.adam(0.1), model = oneWeight(optimizer), rates: number[] = [];
  callback.setModel(model);
  await callback.onTrainBegin();
  for (const [epoch, value] of values.entries()) {
    await callback.onEpochEnd(epoch, { [options.monitor ?? "val_loss"]: value });
    rates.push(Number(rateOf(optimizer).toPrecision(9)));
  }
  model.dispose();
  optimizer.dispose();
  return rates;
}

for (const [name, create] of Object.entries(OPTIMIZERS)) {
  backendTest(`ReduceLROnPlateau - ${name} steps at the reduced rate`, "cpu", async () => {
    const before = counts();
    const weights = async (...callbacks: tfl.Callback[]) => {
      const optimizer = create(), model = oneWeight(optimizer), seen: number[] = [];
      const note = new tfl.CustomCallback({
        onEpochEnd: async () => void seen.push((await model.getWeights()[0]!.data())[0]!),
      });
      const [x, y] = [tf.ones([4, 1]), tf.fill([4, 1], 9)];
      const fit = { epochs: 3, verbose: 0, callbacks: [...callbacks, note] };
      const { history } = await model.fit(x, y, fit);
      const rate = rateOf(optimizer);
      tf.dispose([x, y]);
      model.dispose();
      optimizer.dispose();
      // tfjs's Momentum leaves this one behind.
      const left = (optimizer as unknown as { c?: tf.Tensor }).c;
      left?.dispose();
      return { seen, history, rate };
    };
    const reduce = { monitor: "loss", factor: 0.25, patience: 0, minDelta: 1e3 };
    const full = await weights(), reduced = await weights(new ReduceLROnPlateau(reduce));
    assert.deepEqual(reduced.seen.slice(0, 2), full.seen.slice(0, 2));
    const step = ({ seen }: { seen: number[] }) => seen[2]! - seen[1]!;
    assert.notEqual(step(full), 0);
    // The weight is near 1, and each of the two differences is as exact as it.
    const within = 8 * 2 ** -24 * Math.max(1, Math.abs(full.seen[2]!));
    assert.ok(Math.abs(step(reduced) - 0.25 * step(full)) <= within, `${step(reduced)}`);
    assert.deepEqual(reduced.history.lr, [RATE, RATE, RATE * 0.25]);
    assert.equal(reduced.rate, RATE * 0.25 * 0.25);
    assert.deepEqual(counts(), before);
  });
}

backendTest(
  "ReduceLROnPlateau - patience, cooldown and the least rate as in Keras",
  "cpu",
  async () => {
    const same = [1, 1, 1, 1, 1, 1];
    // Keras 3, reduce_lr_on_plateau_test.py: test_reduces_lr_with_model_fit, test_honors_min_lr, test_cooldown.
    const keras = { patience: 1, factor: 0.1, minDelta: 100 };
    assert.deepEqual(await drive(keras, [1, 1]), [0.1, 0.01]);
    assert.equal((await drive({ ...keras, minDelta: 10, minLr: 0.005 }, same)).at(-1), 0.005);
    assert.deepEqual(await drive({ ...keras, cooldown: 2 }, [1, 1, 1, 1]), [
      0.1,
      0.01,
      0.01,
      0.001,
    ]);

    const half = { factor: 0.5 };
    assert.deepEqual(await drive({ ...half, patience: 2 }, same), [.1, .1, .05, .05, .025, .025]);
    assert.deepEqual(
      await drive({ ...half, patience: 1, cooldown: 3 }, same),
      [.1, .05, .05, .05, .025, .025],
    );
    // An improvement within the cooldown counts.
    assert.deepEqual(
      await drive({ ...half, patience: 1, cooldown: 1 }, [1, 1, 0.5, 0.7, 0.4]),
      [.1, .05, .05, .025, .025],
    );
    assert.deepEqual(await drive({ patience: 3 }, [5, 4, 3, 2, 1]), [.1, .1, .1, .1, .1]);
  },
);

backendTest("ReduceLROnPlateau - what counts as better", "cpu", async () => {
  const now = { patience: 0, factor: 0.5 };
  const reduces = async (options: ReduceLROnPlateauOptions, values: number[]) =>
    (await drive({ ...now, ...options }, values)).map((rate) => rate < 0.1);
  assert.deepEqual(await reduces({ minDelta: 0.25 }, [1, 0.75]), [false, true]);
  assert.deepEqual(await reduces({ minDelta: 0.25 }, [1, 0.7]), [false, false]);
  assert.deepEqual(await reduces({ minDelta: 0 }, [1, 1 - 1e-9]), [false, false]);
  assert.deepEqual(await reduces({ mode: "max" }, [1, 2, 1.5]), [false, false, true]);
  for (const monitor of ["val_acc", "categoricalAccuracy", "AUC", "val_recall"]) {
    assert.deepEqual(await reduces({ monitor }, [0.5, 0.6, 0.4]), [false, false, true], monitor);
    assert.deepEqual(await reduces({ monitor, mode: "min" }, [0.5, 0.4]), [false, false]);
  }
  assert.deepEqual(await reduces({ monitor: "val_rawLoss" }, [1, 0.5, 0.6]), [false, false, true]);
  assert.deepEqual(await reduces({}, [NaN, 1, NaN]), [true, true, true], "NaN is never better");
  assert.deepEqual(await reduces({ patience: 1 }, [NaN, 1, 0.5, Infinity]), [
    true,
    true,
    true,
    true,
  ]);
  assert.deepEqual(await reduces({ patience: 1 }, [1, NaN]), [false, true]);
});

const PLAIN = { monitor: "loss", factor: 0.5, patience: 1, minDelta: 1e3 };

for (const first of ["ReduceLROnPlateau", "earlyStopping"]) {
  for (const way of ["fit", "fitDataset"] as const) {
    backendTest(
      `ReduceLROnPlateau - with earlyStopping, ${first} first, ${way}`,
      "cpu",
      async () => {
        const data = smallData(12), optimizer = tf.train.sgd(0.1), model = smallModel("plateau");
        model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] });
        const standing = counts();
        const callbacks = [
          new ReduceLROnPlateau({ ...PLAIN, monitor: "val_loss" }),
          tfl.callbacks.earlyStopping({ monitor: "val_loss", patience: 3, minDelta: 1e3 }),
        ];
        if (first === "earlyStopping") callbacks.reverse();
        const args = {
          epochs: 9,
          verbose: 0,
          callbacks,
          validationData: [data.xs, data.ys] as [tf.Tensor, tf.Tensor],
        };
        const batches = dataset(1, () => ({ xs: tf.clone(data.xs), ys: tf.clone(data.ys) }));
        // A data set is asked anew each epoch.
        const { history } = way === "fit"
          ? await model.fit(data.xs, data.ys, args)
          : await model.fitDataset(batches, args);
        assert.deepEqual(history.lr, [0.1, 0.1, 0.05, 0.025]);
        assert.ok((history.val_loss as unknown[]).every((value) => typeof value === "number"));
        assert.equal(counts().tensors, standing.tensors);
        model.dispose();
        optimizer.dispose();
        tf.dispose([data.xs, data.ys]);
      },
    );
  }
}

backendTest("ReduceLROnPlateau - a fit starts anew, unless a state was set", "cpu", async () => {
  const options = { patience: 3, factor: 0.5, cooldown: 2 },
    callback = new ReduceLROnPlateau(options);
  await drive(options, [1, 1, 1], callback);
  assert.deepEqual(await drive(options, [1, 1, 1], callback), [0.1, 0.1, 0.1]);
  const saved = JSON.stringify(callback.getState()), state = JSON.parse(saved);
  assert.deepEqual(state, { format: "signalfit-plateau-1", best: 1, wait: 2, cooldown: 0 });
  const restored = new ReduceLROnPlateau(options);
  assert.deepEqual(restored.getState(), { ...state, best: null, wait: 0 });
  restored.setState(JSON.parse(saved));
  assert.deepEqual(await drive(options, [1, 1], restored), [0.05, 0.05]);
  assert.deepEqual(restored.getState(), { ...state, wait: 0, cooldown: 1 });
  assert.deepEqual(await drive(options, [1, 1, 1], restored), [0.1, 0.1, 0.1], "and then anew");

  const kept = restored.getState();
  const refuses = (change: object, message: string) =>
    assert.throws(
      () => restored.setState({ ...kept, ...change } as ReduceLROnPlateauState),
      new RegExp(`^Error: Cannot restore ReduceLROnPlateau: ${message}`),
    );
  refuses({ format: "other" }, 'the format must be "signalfit-plateau-1", got other');
  refuses({ best: "1" }, "best must be a finite number or null, got 1");
  refuses({ wait: 1.5 }, "wait must be a whole number >= 0, got 1.5");
  refuses({ cooldown: -1 }, "cooldown must be a whole number >= 0, got -1");
  assert.throws(() => restored.setState(null as never), /the format must be/);
  assert.deepEqual(restored.getState(), kept);
});

backendTest("ReduceLROnPlateau - a schedule is refused when training begins", "cpu", async () => {
  const [x, y] = [tf.ones([4, 1]), tf.ones([4, 1])];
  const scheduled = adamf({ learningRate: cosineDecay({ initialRate: 0.1, decaySteps: 9 }) });
  const ownFunction = adamf({ learningRate: () => 0.1 });
  const none = Object.assign(tf.train.adam(0.1), { learningRate: undefined });
  for (const optimizer of [scheduled, ownFunction, none]) {
    const name = optimizer.getClassName();
    const model = oneWeight(optimizer);
    const fit = () => model.fit(x, y, { verbose: 0, callbacks: [new ReduceLROnPlateau()] });
    await assert.rejects(fit, {
      name: "TypeError",
      message:
        `Cannot use ReduceLROnPlateau with ${name}: its learning rate is no number that can be ` +
        "reduced, as with a schedule. Create it with a number, such as { learningRate: 0.001 }, or " +
        "leave out the callback",
    });
    model.dispose();
    optimizer.dispose();
  }
  tf.dispose([x, y]);
});

backendTest("ReduceLROnPlateau - says once that what it watches is missing", "cpu", async () => {
  const optimizer = tf.train.sgd(0.1), model = oneWeight(optimizer);
  const [x, y] = [tf.ones([4, 1]), tf.ones([4, 1])];
  const seen = await warnings(async () => {
    await model.fit(x, y, { epochs: 3, verbose: 0, callbacks: [new ReduceLROnPlateau()] });
  });
  assert.deepEqual(seen, ['ReduceLROnPlateau watches "val_loss", but there is only loss']);
  assert.equal(rateOf(optimizer), 0.1);
});

backendTest("ReduceLROnPlateau - verbose prints each reduction", "cpu", async () => {
  const lines: string[] = [], { log } = console;
  console.log = (...args: unknown[]) => void lines.push(args.join(" "));
  try {
    await drive({ patience: 1, factor: 0.5, verbose: 1, minLr: 0.05 }, [1, 1, 1, 1]);
    await drive({ patience: 1, factor: 0.5 }, [1, 1, 1, 1]);
  } finally {
    console.log = log;
  }
  assert.deepEqual(lines, ["Epoch 2: ReduceLROnPlateau reducing learning rate to 0.05."]);
});

Deno.test("ReduceLROnPlateau - options are checked", () => {
  const bad: Record<string, [rule: string, values: unknown[]]> = {
    monitor: ['must be a name such as "val_loss"', ["", 3, null]],
    factor: ["must be in (0, 1)", [0, 1, 1.5, -1, NaN, "0.1"]],
    patience: ["must be a whole number >= 0", [-1, 1.5, NaN, Infinity, "3"]],
    minDelta: ["must be a finite number >= 0", [-1e-4, NaN, Infinity, "0"]],
    cooldown: ["must be a whole number >= 0", [-1, 0.5, NaN]],
    minLr: ["must be a finite number >= 0", [-1, NaN, Infinity]],
    mode: ['must be one of "auto", "min", "max"', ["most", 1]],
    verbose: ["must be 0 or 1", [2, true, "1"]],
  };
  for (const [name, [rule, values]] of Object.entries(bad)) {
    for (const value of values) {
      assert.throws(() => new ReduceLROnPlateau({ [name]: value }), (error: unknown) => {
        const start = `Cannot create ReduceLROnPlateau: ${name} ${rule}, got `;
        return error instanceof RangeError && error.message.startsWith(start);
      });
    }
  }
  assert.throws(
    () => new ReduceLROnPlateau({ minLR: 1 } as never),
    /unknown option "minLR"; did you mean "minLr"\?/,
  );
});
