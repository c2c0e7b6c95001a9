import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { adamf, adamw, momentum, type Override, sgdf } from "@signalfit/tfjs";
import { ENGINES } from "../support/engines.ts";
import { counting } from "../../cli/bench/gpu_counter.ts";
import { variables } from "../support/quadratic.ts";
import { backendTest } from "../support/test.ts";

const SHAPES = [[7, 9], [9], [5, 3], [3]];

for (const { engine, backend } of ENGINES) {
  backendTest(`groups have their own numbers, ${engine} on ${backend}`, backend, async () => {
    const set = variables(SHAPES);
    const optimizer = adamw({
      engine,
      learningRate: 0.1,
      weightDecay: 0.5,
      exclude: "bias-and-norm",
      overrides: [
        { match: "v1/kernel", learningRate: 0.01, weightDecay: 0.25 },
        { match: /^v1/, learningRate: (step) => step === 0 ? 0 : 1 },
      ],
    });
    const zero = () =>
      Object.fromEntries(set.list.map(({ name, shape }) => [name, tf.zeros(shape)]));
    const initial = await set.values();
    let gradients = zero();
    optimizer.applyGradients(gradients); // without gradients only decay moves
    tf.dispose(gradients);
    const [a, b, c, d] = await set.values();
    initial[0]!.forEach((v, i) => assert.ok(Math.abs(a![i]! - 0.95 * v) <= 2 ** -22 * Math.abs(v)));
    assert.deepEqual(b, initial[1]);
    initial[2]!.forEach((v, i) =>
      assert.ok(Math.abs(c![i]! - (1 - 0.01 * 0.25) * v) <= 2 ** -22 * Math.abs(v))
    );
    assert.deepEqual(d, initial[3]);
    gradients = set.gradients(1);
    optimizer.applyGradients(gradients);
    tf.dispose(gradients);
    const moved = (await set.values())[3]!.map((v, i) => Math.abs(v - d![i]!));
    assert.ok(moved.every((by) => by > 0.3), "the second group's schedule gives 1 at step 1");
    optimizer.dispose();
    set.dispose();
  });
}

backendTest("groups of one form share a dispatch", "webgpu", async () => {
  const set = variables(SHAPES);
  const optimizer = adamf({
    weightDecay: 0.1,
    exclude: "bias-and-norm",
    overrides: [{ match: "v1", learningRate: 0.1 }],
    globalClipNorm: 1,
    useEma: true,
  });
  const gradients = set.gradients(0);
  for (let step = 0; step < 2; step++) optimizer.applyGradients(gradients);
  const { dispatches, submits, maps, pipelines, buffers, bindGroups } = await counting(() =>
    optimizer.applyGradients(gradients)
  );
  assert.deepEqual(
    { dispatches, submits, maps, pipelines, buffers, bindGroups },
    // squares, factor, update
    { dispatches: 3, submits: 2, maps: 0, pipelines: 0, buffers: 0, bindGroups: 0 },
  );
  tf.dispose(gradients);
  optimizer.dispose();
  set.dispose();
});

backendTest("describe shows the groups", "cpu", () => {
  const set = variables(SHAPES);
  const optimizer = sgdf({
    weightDecay: 0.1,
    exclude: ["v0/bias"],
    overrides: [{ match: /v1/, learningRate: 0.25 }],
  });
  const { variables: rows, toString } = optimizer.describe(set.list);
  assert.deepEqual(
    rows.map(({ variable, group, learningRate, weightDecay }) => [
      variable,
      group,
      learningRate,
      weightDecay,
    ]),
    [
      ["v0/kernel", "", 0.5, 0.1],
      ["v0/bias", "no decay", 0.5, 0],
      ["v1/kernel", "/v1/", 0.25, 0.1],
      ["v1/bias", "/v1/", 0.25, 0.1],
    ],
  );
  assert.match(toString(), /v1\/bias +\/v1\/ +\[3\] +3 +0 +0\.25 +0\.1 +24/);
  set.dispose();
});

backendTest("a matcher without a match is an error, and nothing moves", "cpu", async () => {
  const set = variables(SHAPES);
  const before = await set.values();
  const gradients = set.gradients(0);
  const refused = (options: Parameters<typeof sgdf>[0], message: RegExp) =>
    assert.throws(() => sgdf(options).applyGradients(gradients), message);
  refused(
    { exclude: ["v0", "v0/weird"] },
    /Cannot apply gradients with SGDF: exclude must match a variable, got "v0\/weird"; the variables are "v0\/kernel", "v0\/bias"/,
  );
  refused({ overrides: [{ match: /nothing/ }] }, /overrides\[0\]\.match must match .*\/nothing\//);
  assert.deepEqual(await set.values(), before);
  tf.dispose(gradients);
  set.dispose();
});

Deno.test("options of overrides are checked", () => {
  const create = (override: Override, f: typeof sgdf | typeof adamf = sgdf) => () =>
    f({ overrides: [override] });
  assert.throws(
    create({ match: "x", learningRate: -1 }),
    /Cannot create SGDF: overrides\[0\]: learningRate must be a finite number > 0 or a schedule, got -1/,
  );
  assert.throws(create({ match: "x", engine: "loop" }), /must set options that variables can have/);
  assert.throws(
    create({ match: "x", amsgrad: true as unknown as number }, adamf),
    /overrides\[0\] must keep the same state as the rest \(m,s,v\), got m,s,v,vmax/,
  );
  assert.throws(
    () => momentum({ overrides: "x" as unknown as [] }),
    /overrides must be a list such as/,
  );
});
