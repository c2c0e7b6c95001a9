import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { sgdf } from "@signalfit/tfjs";
import { BACKENDS, startBackend } from "../../cli/bench/backends.ts";
import { type Contestant, CONTESTANTS } from "../../cli/bench/contestants.ts";
import { FORMULAS, HYPER } from "../../cli/bench/formulas.ts";
import { measure, type Plan } from "../../cli/bench/measure.ts";
import { optimizerTrial, type Trial } from "../../cli/bench/trials.ts";
import { sixtyTensors, type Workload } from "../../cli/bench/workloads.ts";
import { backendTest } from "../support/test.ts";

const plan: Plan = {
  rounds: 3,
  leastRounds: 2,
  sample: 0.1,
  deviceSample: 0.1,
  warmUp: 0.1,
  deviceWarmUp: 0.1,
  share: 1,
  hurry: 1,
};
const workload = sixtyTensors(6e3);
const { learningRate, beta1, beta2, epsilon } = HYPER;
const settings = { learningRate, beta1, beta2, epsilon };

/** SGDF, but for what is given. */
const impostor = (changes: Partial<Contestant>): Contestant => ({
  name: "impostor",
  backends: ["cpu"],
  formula: FORMULAS.sgdf,
  start: (inputs, backend) => optimizerTrial(sgdf(settings), inputs, backend),
  ...changes,
});

/** A trial whose result is tampered with. */
const tampered =
  (change: (params: Float32Array[]) => void): Contestant["start"] => async (inputs, backend) => {
    const trial = await impostor({}).start(inputs, backend);
    return {
      ...trial,
      async read() {
        const params = (await trial.read()).map((values) => Float32Array.from(values));
        change(params);
        return params;
      },
    } satisfies Trial;
  };

const WRONG: Record<string, [Partial<Contestant>, RegExp]> = {
  "another learning rate": [{
    start: (inputs, backend) =>
      optimizerTrial(sgdf({ ...settings, learningRate: 0.0101 }), inputs, backend),
  }, /element \d+ of tensor \d+ is .* after 3 steps, must be/],
  "another rule": [{ formula: FORMULAS.adamf }, /must be/],
  "the last element left out": [
    { start: tampered((params) => params[59]![params[59]!.length - 1]! += 1e-4) },
    /element 9 of tensor 59/,
  ],
  "NaN": [{ start: tampered((params) => params[3]![0] = NaN) }, /element 0 of tensor 3 is NaN/],
  "a tensor missing": [
    { start: tampered((params) => params.pop()) },
    /tensor 59 has undefined elements/,
  ],
};

for (const [name, [changes, reason]] of Object.entries(WRONG)) {
  Deno.test(`validation: a wrong contestant is reported and not timed: ${name}`, async () => {
    const backend = BACKENDS[0]!;
    await startBackend(backend);
    const before = tf.memory().numTensors;
    const contestants = [impostor(changes), impostor({ name: "genuine" })];
    const [wrong, right] = await measure({ backend, workload, contestants }, plan, () => {});
    assert.equal(wrong!.status, "wrong");
    assert.match(wrong!.reason!, reason);
    assert.deepEqual([wrong!.samples, wrong!.milliseconds], [[], null]);
    assert.equal(right!.status, "timed");
    assert.equal(tf.memory().numTensors, before);
  });
}

Deno.test("validation: a contestant that throws has failed, the others are timed", async () => {
  const backend = BACKENDS[0]!;
  await startBackend(backend);
  const start = (): never => {
    throw new Error("no such thing");
  };
  const contestants = [impostor({ start }), impostor({ name: "genuine" })];
  const [failed, right] = await measure({ backend, workload, contestants }, plan, () => {});
  assert.deepEqual([failed!.status, failed!.reason], ["failed", "Error: no such thing"]);
  assert.equal(right!.status, "timed");
});

/** Few tensors, for backends that take long for each. */
const few: Workload = {
  name: "few",
  title: "Three tensors",
  shapes: [[40, 25], [25], [7]],
  parameters: 1032,
};

for (const backend of BACKENDS) {
  backendTest(
    `validation: every contestant is right on ${backend.name}`,
    backend.name,
    async () => {
      await startBackend(backend);
      const before = tf.memory().numTensors;
      const contestants = CONTESTANTS.filter(({ backends }) => backends.includes(backend.name));
      const cell = { backend, workload: backend.name === "webgpu" ? few : workload, contestants };
      const results = await measure(cell, plan, () => {});
      for (const { contestant, status, reason, counts } of results) {
        assert.equal(status, "timed", `${contestant}: ${reason}`);
        assert.equal(counts === null, backend.finish === undefined);
      }
      assert.equal(tf.memory().numTensors, before + 1); // tf.train.momentum never frees its rate
    },
  );
}
