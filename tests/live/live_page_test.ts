import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import assert from "node:assert/strict";
import { sgdf } from "@signalfit/tfjs";
import { ERD } from "@signalfit/tfjs/diffusion";
import { LivePage } from "@signalfit/tfjs/live";
import { denseDenoiser, gaussianData, warnings } from "../callbacks/fixtures.ts";
import { counts } from "../support/backends.ts";
import { backendTest } from "../support/test.ts";
import { AfterBatch, inDirectory, pointsOf, press, smallTask, turns, until } from "./fixtures.ts";

const FIT = { epochs: 3, batchSize: 16, shuffle: false, verbose: 0 } as const;

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  backendTest(
    `live page: has every batch and every epoch, and keeps no tensor, on ${backend}`,
    backend,
    async () => {
      const before = counts();
      {
        using task = smallTask(64, sgdf({ learningRate: 0.1 }));
        await using page = new LivePage({ title: "Small" });
        await page.start();
        const stopping = tfl.callbacks.earlyStopping({ monitor: "val_loss", patience: 99 });
        const { history } = await task.model.fit(task.xs, task.ys, {
          ...FIT,
          validationSplit: 0.25,
          callbacks: [stopping, page],
        });
        const loss = pointsOf(page, "loss"), validation = pointsOf(page, "val_loss");
        assert.deepEqual(loss.x, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert.deepEqual(validation.x, [3, 6, 9]);
        for (const [epoch, expected] of (history.loss as number[]).entries()) {
          const batches = loss.y.slice(3 * epoch, 3 * epoch + 3) as number[];
          const mean = batches.reduce((sum, value) => sum + value) / 3;
          assert.ok(Math.abs(mean - expected) < 1e-6 * expected, `${mean} and ${expected}`);
          const got = validation.y[epoch]!, wanted = history.val_loss![epoch] as number;
          assert.ok(Math.abs(got - wanted) < 1e-6 * wanted, `${got} and ${wanted}`);
        }
        const [run] = page.getState().runs;
        assert.equal(run!.status, "finished");
        assert.deepEqual([run!.step, run!.epoch, run!.epochs, run!.batches], [9, 3, 3, 3]);
        const facts = new Map(run!.facts);
        assert.equal(facts.get("Backend"), backend);
        assert.equal(facts.get("Optimizer"), "SGDF");
        assert.ok(facts.has("Engine") && facts.get("learningRate") === "0.1");
        assert.equal(pointsOf(page, "acc").x.length, 9);
        assert.equal(pointsOf(page, "~lr").y.at(-1), 0.1);
        for (const name of ["~elapsed", "~rate", "~tensors", "~bytes", "~heap"]) {
          const { x, y } = pointsOf(page, name);
          assert.ok(x.every((step, i) => step > (x[i - 1] ?? 0)), `${name}: ${x}`);
          assert.ok(y.every((value) => value !== null && value > 0), name);
        }
      }
      assert.deepEqual(counts(), before);
    },
  );
}

backendTest("live page: pauses between two batches, goes on, and stops", "cpu", async () => {
  using task = smallTask(256);
  await using page = new LivePage();
  await page.start();
  assert.equal(await press(page, "pause"), 409, "nothing is training yet");
  const status = () => page.getState().runs[0]?.status;
  const counter = new AfterBatch(async (batches) => {
    if (batches === 5) assert.equal(await press(page, "pause"), 200);
    if (batches === 20) assert.equal(await press(page, "stop"), 200);
  });
  const fit = task.model.fit(task.xs, task.ys, { ...FIT, epochs: 9, callbacks: [counter, page] });
  await until(() => status() === "paused");
  const at = counter.batches;
  assert.equal(await press(page, "pause"), 409, "it is paused already");
  await turns();
  assert.deepEqual([counter.batches, at], [5, 5], "no batch while paused");
  assert.equal(await press(page, "resume"), 200);
  await fit;
  assert.equal(counter.batches, 20);
  assert.equal(status(), "stopped");
  assert.equal(pointsOf(page, "loss").x.length, 20);
  assert.equal(await press(page, "resume"), 409);
});

backendTest("live page: a stop wakes a paused training", "cpu", async () => {
  using task = smallTask();
  await using page = new LivePage();
  await page.start();
  const counter = new AfterBatch(async (n) => void (n === 2 && await press(page, "pause")));
  const fit = task.model.fit(task.xs, task.ys, { ...FIT, callbacks: [counter, page] });
  await until(() => page.getState().runs[0]?.status === "paused");
  await press(page, "stop");
  await fit;
  assert.equal(counter.batches, 2);
});

backendTest("live page: stopping saves a checkpoint that can be resumed", "cpu", async () => {
  await inDirectory(async (directory) => {
    using task = smallTask(64, sgdf({ learningRate: 0.1 }));
    await using page = new LivePage({ checkpoint: `${directory}/saved` });
    await page.start();
    assert.equal(page.getState().canSave, true);
    const stop = new AfterBatch(async (n) => void (n === 6 && await press(page, "stop")));
    await task.model.fit(task.xs, task.ys, { ...FIT, callbacks: [stop, page] });
    const { fileSystem } = await import("@signalfit/tfjs");
    const loaded = await tfl.loadLayersModel(fileSystem(`${directory}/saved`));
    const [ours, theirs] = [task.model, loaded].map((model) => model.getWeights()[0]!.dataSync());
    assert.deepEqual(ours, theirs);
    assert.equal(loaded.optimizer.iterations, 6);
    assert.match(page.getState().runs[0]!.notices[0]!.text, /^Saved a checkpoint in /);
    loaded.optimizer.dispose();
    loaded.dispose();
  });
});

backendTest(
  "live page: where the checkpoint fails, training goes on and says why",
  "cpu",
  async () => {
    using task = smallTask();
    await using page = new LivePage({
      checkpoint: () => Promise.reject(new Error("the disk is full")),
    });
    await page.start();
    const stop = new AfterBatch(async (n) => void (n === 2 && await press(page, "stop")));
    await task.model.fit(task.xs, task.ys, { ...FIT, callbacks: [stop, page] });
    assert.equal(stop.batches, 12);
    const [run] = page.getState().runs;
    assert.equal(run!.status, "finished");
    assert.match(run!.notices[0]!.text, /no checkpoint could be saved: the disk is full/);
  },
);

backendTest("live page: each model is a run, also over several fits", "cpu", async () => {
  using one = smallTask();
  using other = smallTask(64, tf.train.adam(0.01));
  await using page = new LivePage();
  await page.start();
  page.nextRun("first", 4);
  const fit = { ...FIT, callbacks: [page] };
  await one.model.fit(one.xs, one.ys, { ...fit, epochs: 2 });
  await one.model.fit(one.xs, one.ys, { ...fit, initialEpoch: 2, epochs: 4 });
  await other.model.fit(other.xs, other.ys, fit);
  page.nextRun();
  await other.model.fit(other.xs, other.ys, fit);
  const runs = page.getState().runs;
  assert.deepEqual(runs.map(({ name, step, epochs }) => [name, step, epochs]), [
    ["first", 16, 4],
    ["Adam 0.01", 12, 3],
    ["Adam 0.01", 12, 3],
  ]);
  assert.equal(new Set(runs.map(({ id }) => id)).size, 3);
});

backendTest("live page: a loss that is not finite is told, once", "cpu", async () => {
  using task = smallTask(64, tf.train.sgd(NaN));
  await using page = new LivePage();
  await page.start();
  await task.model.fit(task.xs, task.ys, { ...FIT, callbacks: [page] });
  const [run] = page.getState().runs;
  const texts = run!.notices.map(({ text }) => text).filter((text) => text.startsWith("loss"));
  assert.deepEqual(texts, ["loss is not finite at step 2"]);
  assert.deepEqual(pointsOf(page, "loss").y.slice(1, 3), [null, null]);
  JSON.parse(JSON.stringify(page.getState()));
});

backendTest("live page: shows pictures before training and after epochs", "cpu", async () => {
  using task = smallTask();
  const before = counts();
  const sample = () => tf.tensor4d([1, 2, 1.5, NaN], [1, 2, 2, 1]);
  await using page = new LivePage({ images: { sample, everyEpochs: 2, range: null } });
  await page.start();
  await task.model.fit(task.xs, task.ys, { ...FIT, epochs: 4, callbacks: [page] });
  const grids = page.getState().runs[0]!.grids.items;
  assert.deepEqual(grids.map(({ epoch, step }) => [epoch, step]), [[0, 0], [2, 8], [4, 16]]);
  for (const { count, height, width, channels, pixels } of grids) {
    assert.deepEqual([count, height, width, channels], [1, 2, 2, 1]);
    const bytes = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
    assert.deepEqual([...bytes], [0, 255, 128, 0]);
  }
  assert.equal(counts().tensors, before.tensors);
});

backendTest("live page: bad pictures are an error at first, later a warning", "cpu", async () => {
  using task = smallTask();
  const fit = (page: LivePage) => task.model.fit(task.xs, task.ys, { ...FIT, callbacks: [page] });
  const before = counts();
  await using bad = new LivePage({ images: { sample: () => tf.ones([2, 4, 4]) } });
  await bad.start();
  await assert.rejects(
    fit(bad),
    /images\.sample must give .*\[n, h, w, 1\].*, got shape \[2,4,4\]/,
  );
  let asked = 0;
  const sample = () => asked++ === 0 ? tf.ones([1, 2, 2, 3]) : tf.ones([0, 2, 2, 5]);
  await using later = new LivePage({ images: { sample } });
  await later.start();
  const seen = await warnings(() => fit(later).then(() => {}));
  assert.equal(seen.length, 1);
  assert.match(seen[0]!, /^LivePage: Cannot show pictures/);
  assert.equal(later.getState().runs[0]!.step, 12);
  assert.equal(counts().tensors, before.tensors);
});

backendTest("live page: shows what an ERD measures, and gains by layer", "cpu", async () => {
  const erd = new ERD({ target: "v", path: "cosine", mode: "online", bins: 8, readEvery: 2 });
  const gains = { report: () => ({ layers: [{ name: "dense/kernel", gain: 0.25, snr: NaN }] }) };
  const model = erd.wrap(denseDenoiser());
  const optimizer = tf.train.sgd(0.01), x0 = gaussianData(64), labels = erd.labels(x0);
  model.compile({ optimizer, loss: erd.loss, metrics: [erd.rawLoss] });
  await using page = new LivePage({ erd, gains });
  await page.start();
  await model.fit(x0, labels, { ...FIT, callbacks: [erd, page] });
  const { noise, layers } = page.getState().runs[0]!;
  assert.ok(noise.items.length > 0 && layers.items.length > 0);
  const last = noise.latest ?? noise.items.at(-1)!, { bins } = erd.report();
  assert.equal(last.step, 12);
  assert.deepEqual(last.t, bins.map(({ t }) => t));
  for (const name of ["loss", "recoverability", "weight"] as const) {
    last[name].forEach((value, i) => assert.ok(Math.abs(value! - bins[i]![name]) < 1e-6, name));
  }
  const { names, gain, snr } = layers.items[0]!;
  assert.deepEqual([names, gain, snr], [["dense/kernel"], [0.25], [null]]);
  assert.equal(pointsOf(page, "rawLoss").x.length, 12);
  erd.dispose();
  model.dispose();
  tf.dispose([x0, labels]);
});

backendTest("live page: fits go on after close, on a new page", "cpu", async () => {
  using task = smallTask();
  const page = new LivePage();
  const first = await page.start();
  assert.equal(await page.start(), first);
  await page.close();
  assert.equal(page.url, undefined);
  await assert.rejects(fetch(first));
  const lines: unknown[] = [], { log } = console;
  console.log = (line) => lines.push(line);
  try {
    await task.model.fit(task.xs, task.ys, { ...FIT, callbacks: [page] });
  } finally {
    console.log = log;
  }
  assert.notEqual(page.url, first);
  assert.deepEqual(lines, [`Live page: ${page.url}`]);
  await page.close();
  await page.close();
});

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  backendTest(`live page: answers under a steady training on ${backend}`, backend, async () => {
    using task = smallTask(256);
    await using page = new LivePage();
    const url = await page.start();
    // The clock goes by batches: a turn of the event loop is due after each of them. An answer takes two
    // or three; by setImmediate, none came in 5,000 on wasm.
    const { now } = performance, most = 300;
    let isAnswered = false;
    const counter = new AfterBatch((n) => {
      if (n === 1) void fetch(url).then(({ body }) => body!.cancel()).then(() => isAnswered = true);
      if (isAnswered || n === most) task.model.stopTraining = true;
    });
    performance.now = () => 1000 * counter.batches;
    try {
      await task.model.fit(task.xs, task.ys, { ...FIT, epochs: 99, callbacks: [counter, page] });
    } finally {
      performance.now = now;
    }
    await until(() => isAnswered);
    assert.ok(counter.batches < most, `not in ${counter.batches} batches`);
  });
}

for (const isPaused of [false, true]) {
  const how = isPaused ? "paused" : "under way";
  backendTest(`live page: closed while a fit is ${how}, which goes on`, "cpu", async () => {
    using task = smallTask();
    const before = counts();
    const page = new LivePage();
    await page.start();
    const counter = new AfterBatch(async (n) => {
      if (n === 2 && isPaused) assert.equal(await press(page, "pause"), 200);
      if (n === 2 && !isPaused) await page.close();
    });
    const fit = task.model.fit(task.xs, task.ys, { ...FIT, callbacks: [counter, page] });
    if (isPaused) {
      await until(() => page.getState().runs[0]?.status === "paused");
      await page.close();
    }
    await fit;
    assert.equal(counter.batches, 12);
    const [run] = page.getState().runs;
    assert.deepEqual([run!.status, run!.step], ["finished", 12]);
    assert.equal(page.url, undefined);
    assert.deepEqual(counts(), before);
  });
}

backendTest("live page: a fit that throws is a failed run, whose data is kept", "cpu", async () => {
  await inDirectory(async (directory) => {
    using task = smallTask();
    const report = `${directory}/failed.html`, page = new LivePage({ report });
    await page.start();
    const breaks = () =>
      new AfterBatch((n) => {
        if (n === 3) throw new Error("broken on purpose");
      });
    const fit = (...callbacks: tfl.Callback[]) =>
      task.model.fit(task.xs, task.ys, { ...FIT, callbacks });
    const left = async (...callbacks: tfl.Callback[]) => {
      const { tensors } = counts();
      await assert.rejects(fit(...callbacks), /broken on purpose/);
      await turns();
      return counts().tensors - tensors;
    };
    await left(breaks()); // the optimizer is made ready
    const without = await left(breaks()); // what tfjs itself leaves then
    assert.equal(await left(page, breaks()), without);
    assert.equal(page.getState().runs[0]!.status, "failed");
    assert.equal(await press(page, "stop"), 409);
    await fit(page);
    await page.close();
    const [run] = page.getState().runs;
    assert.deepEqual([run!.status, pointsOf(page, "loss").x.length], ["finished", 15]);
    assert.ok((await Deno.readTextFile(report)).includes('"status":"finished"'));
  });
});

backendTest("live page: refuses a second training while one is under way", "cpu", async () => {
  using one = smallTask();
  using other = smallTask();
  await using page = new LivePage();
  await page.start();
  let refusal: unknown;
  const second = new AfterBatch(async (n) => {
    if (n !== 2) return;
    const fit = other.model.fit(other.xs, other.ys, { ...FIT, callbacks: [page] });
    refusal = await fit.catch((error) => error);
  });
  await one.model.fit(one.xs, one.ys, { ...FIT, callbacks: [second, page] });
  assert.match(String(refusal), /Cannot show two trainings at once on a LivePage/);
  const [run, ...others] = page.getState().runs;
  assert.deepEqual([run!.status, run!.step, others.length], ["finished", 12, 0]);
  await other.model.fit(other.xs, other.ys, { ...FIT, callbacks: [page] });
  assert.deepEqual(page.getState().runs.map(({ step }) => step), [12, 12]);
});
