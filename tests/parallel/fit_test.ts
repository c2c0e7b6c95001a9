import assert from "node:assert/strict";
import { SoloTeam } from "../../src/parallel/team.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { hasLauncher, inMemory, type Launcher, LAUNCHERS, underMpi } from "./run_team.ts";
import { type DiffusePlan, type Outcome, outcomeOf } from "./scenarios.ts";

const LIMIT = { sanitizeResources: false, sanitizeOps: false };
const EPSILON = 2 ** -23;
type Diffusion = NonNullable<Outcome["diffusion"]>;

function diffusionOf(outcomes: readonly Outcome[]): Diffusion[] {
  for (const { error } of outcomes) assert.equal(error, undefined);
  return outcomes.map(({ diffusion }) => diffusion!);
}

async function alone(plan: DiffusePlan): Promise<Diffusion> {
  return diffusionOf([await outcomeOf("diffuse", new SoloTeam(), plan)])[0]!;
}

/** Numbers of two runs of so many steps, up to the rounding of sums in another order. */
function assertNear(a: unknown, b: unknown, steps: number): void {
  const [one, other] = [a, b].map((each) =>
    JSON.stringify(each).match(/-?[\d.]+(e-?\d+)?/g)!.map(Number)
  );
  assert.equal(one!.length, other!.length);
  one!.forEach((value, i) => {
    const off = Math.abs(value - other![i]!), scale = Math.max(1, Math.abs(other![i]!));
    assert.ok(off <= 4 * steps * EPSILON * scale, `${value} and ${other![i]}`);
  });
}

/** All ranks have the same but what waits for a step, and that is what one process has. */
function assertAsOne(ranks: readonly Diffusion[], one: Diffusion, steps: number): void {
  for (const { weights, averages, erd, newest } of ranks) {
    assert.deepEqual(weights, ranks[0]!.weights);
    assert.deepEqual(averages, ranks[0]!.averages);
    assert.deepEqual(erd, ranks[0]!.erd);
    assert.equal(newest, ranks[0]!.newest);
  }
  assertNear(ranks[0]!.weights, one.weights, steps);
  assertNear(ranks[0]!.averages, one.averages, steps);
  assertNear(ranks[0]!.optimizer, one.optimizer, steps);
  assertNear(ranks[0]!.erd, one.erd, steps);
}

// Seven: the last batch has six rows.
for (const size of [2, 7]) {
  Deno.test({
    name: `ERD on ${size} ranks: times, noise, recoverability and weights are those of one process`,
    ...LIMIT,
    fn: () =>
      withTempDir(async (root) => {
        const plan = { optimizer: "adamf", epochs: 3, everySteps: 2 } as const;
        const ranks = await inMemory("diffuse", size, { ...plan, directory: `${root}/team` });
        assertAsOne(diffusionOf(ranks), await alone({ ...plan, directory: `${root}/one` }), 15);
      }),
  });
}

Deno.test({
  name:
    "a run goes on with another number of ranks, in the middle of an epoch and of an accumulation",
  ...LIMIT,
  fn: () =>
    withTempDir(async (root) => {
      const plan = {
        optimizer: "sgdf",
        everySteps: 1,
        epochs: 4,
        directory: `${root}/team`,
      } as const;
      const interrupted = diffusionOf(await inMemory("diffuse", 3, { ...plan, interrupts: 1 }));
      for (const each of interrupted) {
        assert.equal(each.interrupted, "SIGTERM", "one rank has the signal, all end by it");
        assert.equal(each.newest, interrupted[0]!.newest);
      }
      const resumed = diffusionOf(await inMemory("diffuse", 2, plan));
      const start = Number(/step-(\d+)$/.exec(interrupted[0]!.newest!)![1]);
      assert.equal(start % 5, 2, "after two batches of five");
      for (const each of resumed) assert.equal(each.start, start);
      assertAsOne(resumed, await alone({ ...plan, directory: `${root}/one` }), 20);
      assert.deepEqual(
        [...Deno.readDirSync(`${root}/team`)].filter(({ name }) => name.startsWith(".")),
        [],
      );
    }),
});

Deno.test({
  name: "with as many ranks it goes on bit for bit, and logs the whole epoch that was broken off",
  ...LIMIT,
  fn: () =>
    withTempDir(async (root) => {
      const plan = { optimizer: "sgdf", everySteps: 1, epochs: 3 } as const;
      const directory = `${root}/broken`;
      await inMemory("diffuse", 2, { ...plan, directory, interrupts: 0 });
      const resumed = await inMemory("diffuse", 2, { ...plan, directory });
      const whole = await inMemory("diffuse", 2, { ...plan, directory: `${root}/whole` });
      const [own, other] = [diffusionOf(resumed), diffusionOf(whole)];
      assert.equal(own[0]!.start, 2);
      own.forEach(({ weights, averages, optimizer, erd }, rank) => {
        const its = other[rank]!;
        assert.deepEqual({ weights, averages, erd }, {
          weights: its.weights,
          averages: its.averages,
          erd: its.erd,
        });
        assert.deepEqual(optimizer, its.optimizer);
        assert.deepEqual(resumed[rank]!.history, whole[rank]!.history);
      });
      assert.equal(whole[0]!.history!.loss!.length, 3);
    }),
});

Deno.test({
  name: "files, progress and the live page are rank 0's alone",
  ...LIMIT,
  fn: () =>
    withTempDir(async (directory) => {
      const plan = { optimizer: "sgdf", epochs: 2, rows: 16, batchSize: 8, directory } as const;
      const outcomes = await inMemory("write", 2, plan);
      for (const { error } of outcomes) assert.equal(error, undefined);
      assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["0"]);
      assert.deepEqual(
        [...Deno.readDirSync(`${directory}/0`)].map(({ name }) => name).sort(),
        ["board", "checkpoints", "log.csv", "log.jsonl", "report.html"],
      );
      assert.equal(outcomes[0]!.texts!.length, 3, "two epochs, and the address of the page");
      assert.deepEqual(outcomes[1]!.texts, []);
    }),
});

Deno.test({
  name:
    "ParameterAveraging - local SGD: every batch it is the mean of the ranks, as a sum of gradients is",
  ...LIMIT,
  async fn() {
    // With plain SGD the mean of parameters after a step is the step of the mean gradient, where ranks have
    // as many rows.
    const plan = { optimizer: "sgd", epochs: 5, rows: 32, batchSize: 8, checkEvery: 1 } as const;
    const averaged = await inMemory("train", 2, { ...plan, averaging: { every: 1 } });
    const summed = await inMemory("train", 2, plan);
    for (const { error } of [...averaged, ...summed]) assert.equal(error, undefined);
    assert.deepEqual(averaged[0]!.weights, averaged[1]!.weights);
    assertNear(averaged[0]!.weights, summed[0]!.weights, 20);
    const seldom = await inMemory("train", 2, { ...plan, averaging: { every: 3 } });
    assert.deepEqual(
      seldom[0]!.weights,
      seldom[1]!.weights,
      "the end of an epoch brings them together",
    );
    assert.deepEqual(seldom[0]!.history, seldom[1]!.history);
    assert.notDeepEqual(seldom[0]!.weights, summed[0]!.weights);
    // Of 4 batches the third and the last: 67 parameters each, 5 times.
    assert.equal(seldom[0]!.sums!.filter((length) => length === 67).length, 10);
  },
});

Deno.test({
  name: "ParameterAveraging - DiLoCo's outer step, by its formula in float64",
  ...LIMIT,
  async fn() {
    const plan = { optimizer: "sgd", epochs: 1, rows: 32, batchSize: 8 } as const;
    const outer = { learningRate: 0.7, momentum: 0.9 };
    const run = async (epochs: number) => {
      const outcomes = await inMemory("train", 2, {
        ...plan,
        epochs,
        averaging: { every: 4, outer },
      });
      for (const { error } of outcomes) assert.equal(error, undefined);
      assert.deepEqual(outcomes[0]!.weights, outcomes[1]!.weights);
      return outcomes[0]!;
    };
    const [plain] = await inMemory("train", 2, { ...plan, averaging: { every: 4 } });
    const { first, weights } = await run(1);
    // The first outer step: anchor - 0.7 (1 + 0.9) (anchor - mean).
    const expected = first!.map((values, i) =>
      values.map((value, j) => value - 0.7 * 1.9 * (value - plain!.weights![i]![j]!))
    );
    assertNear(weights, expected, 4);
    assert.notDeepEqual((await run(2)).weights, weights);
  },
});

for (const launcher of Object.keys(LAUNCHERS) as Launcher[]) {
  Deno.test({
    name: `${launcher}: ERD, checkpoints, a signal to one rank, and 3 ranks that go on from 2`,
    ...LIMIT,
    fn: () =>
      withTempDir(async (root) => {
        if (!await hasLauncher(launcher)) return;
        const plan = {
          optimizer: "sgdf",
          everySteps: 2,
          epochs: 3,
          directory: `${root}/team`,
        } as const;
        const first = await underMpi(launcher, "diffuse", 2, { ...plan, interrupts: 1 });
        for (const { interrupted } of diffusionOf(first.outcomes)) {
          assert.equal(interrupted, "SIGTERM");
        }
        const second = await underMpi(launcher, "diffuse", 3, plan);
        assert.equal(second.code, 0, second.text);
        assertAsOne(
          diffusionOf(second.outcomes),
          await alone({ ...plan, directory: `${root}/one` }),
          15,
        );
      }),
  });
}

Deno.test({
  name: "on webgpu parameters are averaged, and gradients refused with what helps",
  ...LIMIT,
  async fn() {
    if (await navigator.gpu?.requestAdapter() == null) {
      const required = (Deno.env.get("SIGNALFIT_REQUIRE") ?? "").split(",").includes("webgpu");
      assert.ok(!required, "there is no webgpu");
      return console.log("not tested: there is no webgpu here");
    }
    const plan = {
      optimizer: "sgdf",
      epochs: 2,
      rows: 16,
      batchSize: 8,
      backend: "webgpu",
    } as const;
    const averaged = await inMemory("train", 2, { ...plan, averaging: { every: 2, outer: {} } });
    for (const { error } of averaged) assert.equal(error, undefined);
    assert.deepEqual(averaged[0]!.weights, averaged[1]!.weights);
    assert.ok(averaged[0]!.weights!.flat().every(Number.isFinite));
    for (const { error } of await inMemory("train", 2, plan)) {
      assert.match(error ?? "", /Cannot sum gradients .* webgpu .* ParameterAveraging/);
    }
  },
});
