import assert from "node:assert/strict";
import { SoloTeam } from "../../src/parallel/team.ts";
import { hasLauncher, inMemory, type Launcher, LAUNCHERS, underMpi } from "./run_team.ts";
import { OPTIMIZERS, type Outcome, outcomeOf, type TrainPlan } from "./scenarios.ts";

const LIMIT = { sanitizeResources: false, sanitizeOps: false };

/** 50 steps; the last batch of an epoch has 3 rows of 8: fewer than a team of four has ranks. */
const FIFTY: Omit<TrainPlan, "optimizer"> = { epochs: 10, rows: 35, batchSize: 8 };
const ALL = Object.keys(OPTIMIZERS).map((optimizer) => ({ ...FIFTY, optimizer }) as TrainPlan);
const EPSILON = 2 ** -23;

/** What one process gives, without a team of any kind. */
async function alone(plans: readonly TrainPlan[]): Promise<Outcome[]> {
  const { runs, error } = await outcomeOf("trainings", new SoloTeam(), plans);
  assert.equal(error, undefined);
  return runs!;
}

/** All ranks have the same bits, and those of one process up to the rounding of sums. */
function assertSame(
  ranks: readonly Outcome[],
  one: readonly Outcome[],
  plans: readonly TrainPlan[],
) {
  for (const { error } of ranks) assert.equal(error, undefined);
  for (const [index, { optimizer }] of plans.entries()) {
    const runs = ranks.map(({ runs }) => runs![index]!), [first] = runs, reference = one[index]!;
    for (const run of runs) {
      assert.deepEqual(run.weights, first!.weights, `${optimizer}: parameters are the same bits`);
      assert.deepEqual(run.state, first!.state, `${optimizer}: so is the optimizer's state`);
      assert.deepEqual(run.history, first!.history, `${optimizer}: and the history`);
      assert.deepEqual(run.batchLosses, first!.batchLosses, `${optimizer}: and each batch's loss`);
      assert.equal(run.leaked, reference.leaked, `${optimizer}: tensors that stay`);
    }
    // A sum in another order is off by a rounding a step; Adam's like divide by what may be small.
    const tolerance = optimizer === "sgd" ? 1e-6 : 50 * EPSILON;
    assertNear(first!.weights!, reference.weights!, tolerance, `${optimizer}: weights`);
    const losses = [first!.batchLosses!], others = [reference.batchLosses!];
    assertNear(losses, others, tolerance, `${optimizer}: losses of batches`);
    const [history, its] = [first!.history!, reference.history!];
    assert.deepEqual(Object.keys(history).sort(), Object.keys(its).sort());
    for (const name of Object.keys(its)) {
      assertNear([history[name]!], [its[name]!], tolerance, `${optimizer}: ${name}`);
    }
  }
}

function assertNear(a: number[][], b: number[][], tolerance: number, what: string): void {
  const scale = Math.max(...b.flat().map(Math.abs));
  a.flat().forEach((value, i) => {
    const off = Math.abs(value - b.flat()[i]!);
    assert.ok(off <= tolerance * scale, `${what}: ${value} is off by ${off} of ${scale}`);
  });
}

for (const size of [2, 4]) {
  Deno.test({
    name: `a team of ${size} in memory trains as one process does`,
    ...LIMIT,
    async fn() {
      assertSame(await inMemory("trainings", size, ALL), await alone(ALL), ALL);
    },
  });
}

Deno.test({
  name: "data of one's own, whose batches nobody knows before they come",
  ...LIMIT,
  async fn() {
    const plans = [{ ...FIFTY, epochs: 2, optimizer: "sgdf", plainData: true }] as const;
    assertSame(await inMemory("trainings", 3, plans), await alone(plans), plans);
  },
});

Deno.test({
  name: "gradients are summed once a step, in one buffer, also where they are accumulated",
  ...LIMIT,
  async fn() {
    const plan = { ...FIFTY, epochs: 6, checkEvery: 1000 }, parameters = 4 * 8 + 8 + 8 * 3 + 3;
    const [{ runs }] = await inMemory("trainings", 2, [
      { ...plan, optimizer: "sgdf" },
      { ...plan, optimizer: "accumulating" },
    ]) as [Outcome];
    // Tables of two ranks have a row of six numbers each.
    const packed = runs!.map(({ sums }) => sums!.filter((length) => length > 6 * 2));
    assert.deepEqual(packed[0], new Array(30).fill(parameters));
    assert.deepEqual(packed[1], new Array(15).fill(parameters));
  },
});

Deno.test({
  name: "a row that is not finite is left out by all ranks alike",
  ...LIMIT,
  async fn() {
    const plans = (["adamf", "sgdf"] as const).map((optimizer) => ({
      ...FIFTY,
      epochs: 2,
      optimizer,
      badRow: 11,
    }));
    const skips = [plans[0]!];
    const ranks = await inMemory("trainings", 2, plans);
    for (const { error } of ranks) assert.equal(error, undefined);
    const [skipped, spread] = ranks.map(({ runs }) => runs!)[0]!;
    const reference = await alone(skips);
    assertNear(skipped!.weights!, reference[0]!.weights!, 10 * EPSILON, "weights");
    assert.ok(skipped!.batchLosses!.some(Number.isNaN), "the loss of all ranks says so");
    assert.ok(spread!.weights!.flat().every(Number.isNaN), "propagated, it reaches all");
    assert.deepEqual(ranks[0]!.runs![0]!.weights, ranks[1]!.runs![0]!.weights);
  },
});

Deno.test({
  name: "callbacks decide alike: the best epoch, the learning rate, when to stop",
  ...LIMIT,
  async fn() {
    const plan = { ...FIFTY, optimizer: "sgdf", deciding: true } as const;
    const plans = [{ ...plan, epochs: 60 }, { ...plan, badRow: 11 }];
    const ranks = await inMemory("trainings", 3, plans), one = await alone(plans);
    assertSame(ranks, one.slice(0, 1), plans.slice(0, 1));
    const [first, bad] = ranks[0]!.runs!;
    assert.ok(first!.history!.loss!.length < 60, "it stops early");
    assert.ok(new Set(first!.history!.lr).size > 1, "the rate is reduced");
    for (const { runs } of ranks) {
      assert.equal(runs![1]!.batchLosses!.length, bad!.batchLosses!.length);
      assert.ok(
        Number.isNaN(runs![1]!.batchLosses!.at(-1)),
        "all stop after the batch that is NaN",
      );
    }
    assert.equal(bad!.batchLosses!.length, one[1]!.batchLosses!.length);
  },
});

Deno.test({
  name: "what batch normalization keeps is the same on all ranks",
  ...LIMIT,
  async fn() {
    const plans = [{ ...FIFTY, epochs: 2, optimizer: "sgdf", network: "normalized" }] as const;
    const [one, two] = await inMemory("trainings", 2, plans);
    assert.deepEqual(one!.error, undefined);
    assert.deepEqual(one!.runs![0]!.weights, two!.runs![0]!.weights);
    const [reference] = await alone(plans);
    // gamma, beta, mean, variance: the means over ranks are those of the batch, at the first batch.
    assert.equal(one!.runs![0]!.weights!.length, reference!.weights!.length);
  },
});

for (const launcher of Object.keys(LAUNCHERS) as Launcher[]) {
  for (const size of [1, 2, 3]) {
    Deno.test({
      name: `${launcher}, ${size} ranks: sums, and a run as that of one process`,
      ...LIMIT,
      async fn() {
        if (!await hasLauncher(launcher)) return;
        const plans = ALL.filter(({ optimizer }) => optimizer !== "adam")
          .map((plan) => ({ ...plan, backend: size === 3 ? "cpu" as const : "wasm" as const }));
        const job = await underMpi(launcher, "trainings", size, plans);
        assert.equal(job.code, 0, job.text);
        assert.equal(job.outcomes.length, size);
        const total = size * (size + 1) / 2;
        for (const { values } of job.outcomes) {
          const expected = [1, 1000, 100_003].flatMap((length) => [
            0,
            (length - 1) % 1000 * total,
            7,
            7,
          ]);
          assert.deepEqual(values, expected);
        }
        assertSame(job.outcomes, await alone(plans), plans);
      },
    });
  }
}
