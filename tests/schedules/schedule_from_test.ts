import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { type ScheduleConfig, scheduleFrom } from "@signalfit/tfjs";
import { SCHEDULE_KINDS } from "../../src/schedules/schedule.ts";
import { useBackend } from "../support/backends.ts";
import { SCHEDULES } from "./fixtures.ts";

const STEPS = Array.from({ length: 90 }, (_, step) => step / 2);

/** An optimizer with a configuration, and no more. */
class Configured extends tf.Optimizer {
  static get className(): string {
    return "ConfiguredByTest";
  }
  constructor(readonly learningRate: tf.serialization.ConfigDict) {
    super();
  }
  override applyGradients(): void {}
  override getWeights(): Promise<never[]> {
    return Promise.resolve([]);
  }
  override getConfig(): tf.serialization.ConfigDict {
    return { learningRate: this.learningRate };
  }
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    { learningRate }: tf.serialization.ConfigDict,
  ): T {
    return new cls(learningRate);
  }
}
tf.serialization.registerClass(Configured);

/** What becomes of a configuration in a saved model. */
async function throughModel(config: ScheduleConfig): Promise<ScheduleConfig> {
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1] })] });
  const optimizer = new Configured(config as unknown as tf.serialization.ConfigDict);
  model.compile({ optimizer, loss: "meanSquaredError" });
  let json = "";
  const handler = tf.io.withSaveHandler((artifacts) => {
    json = JSON.stringify(artifacts.trainingConfig);
    return Promise.resolve({} as tf.io.SaveResult);
  });
  await model.save(handler, { includeOptimizer: true });
  const trainingConfig = JSON.parse(json);
  model.loadTrainingConfig(trainingConfig);
  const loaded = model.optimizer as Configured;
  assert.notEqual(loaded, optimizer);
  model.dispose();
  return loaded.learningRate as unknown as ScheduleConfig;
}

for (const kind of SCHEDULE_KINDS) {
  Deno.test(`scheduleFrom() - ${kind}: through JSON and a saved model`, async () => {
    await useBackend("cpu");
    const schedule = SCHEDULES[kind], rates = STEPS.map((step) => schedule(step));
    assert.equal(schedule.config.kind, kind);
    const asJson = JSON.parse(JSON.stringify(schedule.config));
    assert.deepEqual(asJson, schedule.config, "plain data");
    for (const config of [schedule.config, asJson, await throughModel(schedule.config)]) {
      const built = scheduleFrom(config);
      assert.deepEqual(built.config, schedule.config);
      assert.deepEqual(STEPS.map((step) => built(step)), rates);
    }
    assert.ok(new Set(rates).size > 1 || kind === "constant");
  });

  Deno.test(`scheduleFrom() - ${kind}: an unknown option is refused`, () => {
    const config = { ...SCHEDULES[kind].config, momentum: 0.9 };
    assert.throws(() => scheduleFrom(config), /^TypeError: Cannot create .*unknown option "momen/);
  });

  Deno.test(`scheduleFrom() - ${kind}: a configuration cannot be changed`, () => {
    const seen = new Set<unknown>();
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      assert.ok(Object.isFrozen(value));
      seen.add(value);
      Object.values(value).forEach(visit);
    };
    visit(SCHEDULES[kind].config);
    assert.ok(seen.size > 0);
  });
}

Deno.test("scheduleFrom() - unknown kinds and broken configurations", () => {
  const from = (config: unknown) => () => scheduleFrom(config as ScheduleConfig);
  assert.throws(from({ kind: "cosin" }), {
    name: "TypeError",
    message: 'Cannot create a schedule: unknown kind "cosin"; did you mean "cosine"?',
  });
  assert.throws(from({}), /unknown kind undefined; the kinds are constant, step, multi-step/);
  assert.throws(from({ kind: "constructor" }), /unknown kind "constructor"/);
  for (const config of [null, undefined, 3, "cosine"]) assert.throws(from(config), /unknown kind/);
  assert.throws(
    from({ kind: "join", schedules: [{ kind: "constant", rate: 1 }, { kind: "x" }] }),
    /unknown kind "x"/,
  );
  assert.throws(
    from({ kind: "linear-warmup", schedule: 3, steps: 3 }),
    /linearWarmup: schedule must be a schedule made by functions of this library.*, got 3/,
  );
});
