import assert from "node:assert/strict";
import { BACKENDS, startBackend } from "../../cli/bench/backends.ts";
import { type Contestant, COPY } from "../../cli/bench/contestants.ts";
import { FORMULAS } from "../../cli/bench/formulas.ts";
import { measure, takesPart } from "../../cli/bench/measure.ts";
import { copyTrial } from "../../cli/bench/trials.ts";
import { oneTensor, sixtyTensors, WORKLOADS } from "../../cli/bench/workloads.ts";

Deno.test("workloads: sixty tensors have exactly the parameters that they state", () => {
  for (const { name, shapes, parameters } of WORKLOADS) {
    const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
    assert.equal(shapes.reduce((sum, shape) => sum + size(shape), 0), parameters, name);
    assert.ok(shapes.flat().every((length) => Number.isInteger(length) && length > 0), name);
    assert.equal(shapes.length, name.startsWith("one") ? 1 : 60);
  }
  assert.deepEqual(sixtyTensors(1e6).shapes.slice(0, 4), [[64, 125], [125], [125], [128, 125]]);
});

Deno.test("takesPart: so many turns, evenly spread", () => {
  for (const [rounds, all] of [[3, 25], [25, 25], [1, 7], [5, 7]] as const) {
    const turns = Array.from({ length: all }, (_, round) => takesPart(round, rounds, all));
    assert.equal(turns.filter((turn) => turn).length, rounds);
  }
});

/** A contestant that says how long it took. */
const pretender = (name: string, milliseconds: number, log: string[]): Contestant => ({
  name,
  backends: ["cpu"],
  formula: FORMULAS.copy,
  start: (inputs) => ({
    ...copyTrial(inputs),
    async run(steps) {
      await copyTrial(inputs).run(steps);
      log.push(`${name} ${steps}`);
      const time = steps * milliseconds;
      return { wall: time, processor: 2 * time, calls: time };
    },
    read: () => inputs.params.slice(),
  }),
});

Deno.test("measure: rounds are interleaved, slow ones sit out, ratios are of the medians", async () => {
  const backend = BACKENDS[0]!;
  await startBackend(backend);
  const log: string[] = [];
  const contestants = [
    pretender("tf.train.adam", 100, log),
    { ...pretender(COPY, 1, log), formula: FORMULAS.wideCopy },
    { ...pretender("quick one", 2, log), peer: COPY },
    { ...pretender("huge one", 1, log), most: { cpu: 9999 } },
    { ...pretender("patchy one", 1, log), mostTensors: { cpu: 0 } },
  ];
  const plan = {
    rounds: 6,
    leastRounds: 2,
    sample: 10,
    deviceSample: 10,
    warmUp: 3,
    deviceWarmUp: 3,
    share: 200,
    hurry: 1,
  };
  const results = await measure({ backend, workload: oneTensor(1e4), contestants }, plan, () => {});
  assert.deepEqual(
    results.map(({ status, samples }) => [status, samples.length]),
    [["timed", 2], ["timed", 6], ["timed", 6], ["left out", 0], ["left out", 0]],
  );
  const turns = log.slice(log.lastIndexOf("quick one 1") + 1); // after the validation of the last
  assert.deepEqual(turns.slice(0, 5), [
    `${COPY} 10`,
    "quick one 5",
    "quick one 5",
    `${COPY} 10`,
    "tf.train.adam 1",
  ]);
  const [adam, copy, quick, huge, patchy] = results;
  assert.deepEqual([adam!.timesReference, quick!.timesReference], [1, 50]);
  assert.deepEqual([quick!.peer, quick!.timesPeer], [COPY, 0.5]);
  assert.deepEqual([copy!.shareOfCopy, quick!.shareOfCopy], [1, 8 / 36 / 2]);
  assert.equal(copy!.bytesPerSecond, 36 * 1e4 / 1e-3);
  assert.deepEqual([quick!.processor!.median, quick!.calls!.median], [4, 2]);
  assert.equal(huge!.reason, "too slow above 9.999e3 parameters");
  assert.equal(patchy!.reason, "too slow above 0 tensors");
});
