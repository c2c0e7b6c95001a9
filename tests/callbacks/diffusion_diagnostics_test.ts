import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import type { DiagnosticsState } from "../../callbacks/diagnostics_record.ts";
import {
  DiffusionDiagnostics,
  type DiffusionDiagnosticsOptions,
} from "../../callbacks/diffusion_diagnostics.ts";
import { EmaWeights } from "../../callbacks/ema_weights.ts";
import { ERD } from "../../callbacks/erd.ts";
import { diffusionReport } from "../../src/diffusion/diagnostics/diffusion_report.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { weightsOf } from "../support/models.ts";
import { backendTest } from "../support/test.ts";
import { denseDenoiser, gaussianData } from "./fixtures.ts";

const PROCESS = { target: "v", path: "cosine" } as const;
const MEASURED = { ...PROCESS, times: [0.2, 0.8], ntkSamples: 3, covarianceSpectrum: [1, 1] };

/** What one run trains and records with. */
interface Run {
  readonly denoiser: tfl.LayersModel;
  /** The training model around it, which takes it along when it is disposed of. */
  readonly model: tfl.LayersModel;
  readonly erd: ERD;
  readonly ema: EmaWeights;
  readonly diagnostics: DiffusionDiagnostics;
}

type More = Partial<DiffusionDiagnosticsOptions>;

/** The data to look at is shared, and outlives the runs. */
function newRun(x0: tf.Tensor, more: More = {}, usesEma = false): Run {
  const denoiser = denseDenoiser(), ema = new EmaWeights({ decay: 0.5 });
  const erd = new ERD({
    ...PROCESS,
    mode: "online",
    bins: 4,
    readEvery: 2,
    warmup: 2,
    ramp: 4,
    minSamples: 2,
  });
  const layer = denoiser.layers.at(-2)!.name;
  const options = { ...MEASURED, denoiser, x0, erd, layer, ema: usesEma ? ema : null, ...more };
  return {
    denoiser,
    model: erd.wrap(denoiser),
    erd,
    ema,
    diagnostics: new DiffusionDiagnostics(options),
  };
}

async function train(run: Run, epochs: number, withIt = true): Promise<void> {
  const { model, erd, ema, diagnostics } = run;
  const optimizer = tf.train.adam(0.05);
  model.compile({ optimizer, loss: erd.loss, metrics: [erd.rawLoss] });
  const data = gaussianData(30, 2, 8), labels = erd.labels(data);
  await model.fit(data, labels, {
    batchSize: 16,
    epochs,
    shuffle: false,
    verbose: 0,
    validationData: [data, labels],
    callbacks: withIt ? [erd, ema, diagnostics] : [erd, ema],
  });
  tf.dispose([data, labels]);
  optimizer.dispose();
}

function free({ model, erd, ema }: Run): void {
  erd.dispose();
  ema.dispose();
  model.dispose();
}

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `DiffusionDiagnostics - training is the same to the last bit, with it and without: ${backend}`,
    backend,
    async () => {
      const x0 = gaussianData(12), before = counts();
      const results: unknown[] = [];
      for (const [withIt, usesEma] of [[false, false], [true, false], [true, true]] as const) {
        const run = newRun(x0, { initial: true }, usesEma);
        await train(run, 2, withIt);
        const averages = await run.ema.run(() => weightsOf(run.denoiser));
        results.push([await weightsOf(run.denoiser), averages, await run.erd.getState()]);
        const epochs = run.diagnostics.records.map(({ epoch }) => epoch);
        assert.deepEqual(epochs, withIt ? [0, 1, 2] : []);
        free(run);
      }
      assert.deepEqual(results[1], results[0]);
      assert.deepEqual(results[2], results[0], "with averaged weights");
      assert.deepEqual(counts(), before);
      x0.dispose();
    },
  );

  backendTest(`DiffusionDiagnostics - what it records: ${backend}`, backend, async () => {
    const x0 = gaussianData(12), run = newRun(x0), { denoiser, erd, diagnostics } = run;
    await train(run, 2);
    const [first, last] = diagnostics.records;
    const layer = denoiser.layers.at(-2)!.name;
    const report = await diffusionReport(denoiser, x0, {
      ...MEASURED,
      layer,
      weight: (t) => erd.weightAt(t),
    });
    assert.deepEqual(last!.levels, report);
    assert.ok(report.every((level) => Object.values(level).every((value) => value !== null)));
    assert.equal(report[0]!.ntk!.eigenvalues.length, 3);
    assert.notDeepEqual(first!.levels, report);
    const bins = erd.report().bins;
    assert.deepEqual(
      last!.bins!.map(({ weight, loss }) => [weight, loss]),
      bins.map(({ weight, loss }) => [weight, loss]),
    );
    assert.deepEqual(JSON.parse(JSON.stringify(diagnostics.records)), diagnostics.records);
    free(run);
    x0.dispose();
  });
}

backendTest(
  "DiffusionDiagnostics - it draws no random numbers that others may",
  "cpu",
  async () => {
    const x0 = gaussianData(12), run = newRun(x0), original = Math.random;
    let count = 0;
    Math.random = () => original() + 0 * count++;
    try {
      await run.diagnostics.record();
    } finally {
      Math.random = original;
    }
    assert.equal(count, 0, "fit shuffles by Math.random");
    free(run);
    x0.dispose();
  },
);

backendTest("DiffusionDiagnostics - averaged weights are what is looked at", "cpu", async () => {
  const x0 = gaussianData(12), run = newRun(x0, {}, true);
  await train(run, 2);
  const looked = await run.ema.run(() =>
    diffusionReport(run.denoiser, x0, { ...MEASURED, weight: (t) => run.erd.weightAt(t) })
  );
  const { levels } = run.diagnostics.records.at(-1)!;
  assert.deepEqual(levels.map(({ loss }) => loss), looked.map(({ loss }) => loss));
  const own = await diffusionReport(run.denoiser, x0, MEASURED);
  assert.notEqual(own[0]!.loss, levels[0]!.loss);
  free(run);
  x0.dispose();
});

backendTest("DiffusionDiagnostics - every so many epochs, and the last", "cpu", async () => {
  const x0 = gaussianData(12);
  const epochs = async (more: More, ...fits: number[]): Promise<string> => {
    const run = newRun(x0, { ntkSamples: 0, ...more });
    for (const fit of fits) await train(run, fit);
    free(run);
    return run.diagnostics.records.map(({ epoch }) => epoch).join();
  };
  assert.equal(await epochs({}, 3), "1,2,3");
  assert.equal(await epochs({ every: 2 }, 5), "2,4,5");
  assert.equal(await epochs({ every: 10, initial: true }, 3), "0,3");
  assert.equal(await epochs({ every: 2 }, 2, 3), "2,4,5", "the count goes on");
  x0.dispose();
});

backendTest(
  "DiffusionDiagnostics - without an ERD in it, no bins, and a weight of one's own",
  "cpu",
  async () => {
    const x0 = gaussianData(12);
    const run = newRun(x0, { erd: null, weight: (t) => 2 * t });
    await train(run, 1);
    const [{ bins, levels }] = run.diagnostics.records as [typeof run.diagnostics.records[number]];
    assert.equal(bins, null);
    assert.deepEqual(levels.map(({ weight }) => weight), [0.4, 1.6]);
    free(run);
    x0.dispose();
  },
);

backendTest(
  "DiffusionDiagnostics - state: a restored one goes on as if it had not stopped",
  "cpu",
  async () => {
    const x0 = gaussianData(12), whole = newRun(x0, { every: 2 });
    await train(whole, 2);
    const weights = whole.denoiser.getWeights(),
      saved = JSON.stringify(whole.diagnostics.getState());
    const erdState = await whole.erd.getState();
    const second = newRun(x0, { every: 2 });
    second.denoiser.setWeights(weights);
    second.erd.setState(erdState);
    second.diagnostics.setState(JSON.parse(saved));
    assert.equal(JSON.stringify(second.diagnostics.getState()), saved);
    assert.equal(second.diagnostics.records.length, 1);
    for (const run of [whole, second]) await train(run, 3);
    assert.deepEqual(second.diagnostics.records, whole.diagnostics.records);
    assert.deepEqual(second.diagnostics.records.map(({ epoch }) => epoch), [2, 4, 5]);
    const state = whole.diagnostics.getState();
    (state.records[0]!.levels[0] as { t: number }).t = 9;
    assert.equal(whole.diagnostics.records[0]!.levels[0]!.t, 0.2, "a copy");
    const bad: [unknown, RegExp][] = [
      [null, /Cannot restore DiffusionDiagnostics: the format must be .*, got undefined/],
      [{ ...state, format: "signalfit-erd-1" }, /the format must be .*, got signalfit-erd-1/],
      [{ ...state, epoch: -1 }, /epoch must be a whole number >= 0, got -1/],
      [{ ...state, records: {} }, /records must be a list/],
      [{ ...state, records: [{ epoch: 1, levels: [{}] }] }, /records must be a list of/],
      [{ ...state, records: [{ epoch: 0.5, levels: [] }] }, /records must be a list of/],
    ];
    const before = whole.diagnostics.getState();
    for (const [value, message] of bad) {
      assert.throws(() => whole.diagnostics.setState(value as DiagnosticsState), message);
    }
    assert.deepEqual(whole.diagnostics.getState(), before);
    [whole, second].forEach(free);
    x0.dispose();
  },
);

backendTest(
  "DiffusionDiagnostics - errors: at once, and in the middle of a fit without a leak",
  "cpu",
  async () => {
    const x0 = gaussianData(12), denoiser = denseDenoiser();
    const good = { ...PROCESS, denoiser, x0 };
    const rows: [Record<string, unknown>, RegExp][] = [
      [
        { every: 0 },
        /Cannot create DiffusionDiagnostics: every must be a whole number >= 1, got 0/,
      ],
      [{ initial: 1 }, /initial must be true or false, got 1/],
      [{ erd: {} }, /erd must be an ERD/],
      [{ evry: 1 }, /unknown option "evry"; did you mean "every"\?/],
      [{ denoiser: undefined }, /it must be a tf.LayersModel, got undefined/],
      [{ x0: undefined }, /x0 must be a tensor, got undefined/],
      [{ target: undefined }, /target must be "epsilon", .* got undefined/],
      [{ layer: "dense" }, /Cannot look at the features of layer "dense": the model has no such/],
      [{ times: [2] }, /each of times must be in \[0, 1\], got 2/],
    ];
    for (const [change, message] of rows) {
      const options = { ...good, ...change } as DiffusionDiagnosticsOptions;
      assert.throws(() => new DiffusionDiagnostics(options), message);
    }
    denoiser.dispose();
    const gone = gaussianData(12), run = newRun(gone, {}, true);
    gone.dispose();
    await assert.rejects(() => train(run, 1), /disposed/);
    assert.equal(run.ema.isSwappedIn, false);
    free(run);
    x0.dispose();
  },
);

backendTest(
  "DiffusionDiagnostics - an error while recording leaves the weights and no tensor",
  "cpu",
  async () => {
    const x0 = gaussianData(12),
      run = newRun(x0, {
        weight: () => {
          throw new Error("on purpose");
        },
        erd: null,
      }, true);
    run.ema.attach(run.denoiser);
    const before = counts(), weights = await weightsOf(run.denoiser);
    await assert.rejects(() => run.diagnostics.record(), /on purpose/);
    assert.deepEqual(counts(), before);
    assert.deepEqual(await weightsOf(run.denoiser), weights);
    assert.deepEqual(run.diagnostics.records, []);
    free(run);
    x0.dispose();
  },
);
