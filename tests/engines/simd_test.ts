import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { hostMemory } from "../../src/engines/host_memory.ts";
import { simd, simdSupport } from "../../src/engines/simd.ts";
import { float32 } from "../../src/expr/numbers.ts";
import { counts } from "../support/backends.ts";
import { gradientOf } from "../support/gradients.ts";
import { Oracle } from "../../cli/doctor/oracle.ts";
import { RULES } from "../support/rule_table.ts";
import { backendTest } from "../support/test.ts";
import { bitForBit, type Case, LARGE, lockstep, SMALL } from "./lockstep.ts";
import { runChild } from "./simd/child.ts";

const BACKENDS = ["cpu", "wasm"] as const;
const rule = (name: string) => RULES.find((row) => row.name === name)!;

/** Sizes around those where a vector or a chunk ends. */
const SIZES: readonly Case[] = [0, 2, 3, 4, 5, 6, 7, 8, 9, 16383, 16384, 16385, 32769]
  .map((size) => ({ shape: [size], kind: "mixed" }));

for (const backend of BACKENDS) {
  // A general power is rounded once, in its own way: power_test.ts says how well.
  for (const row of RULES.filter(({ name }) => !name.includes("0.7"))) {
    backendTest(`bit for bit with float32: ${row.name}, simd on ${backend}`, backend, async () => {
      await lockstep(simd, row, SMALL, 12, bitForBit, float32);
      await lockstep(simd, row, LARGE, 3, bitForBit, float32);
    });
  }

  backendTest(`simd on ${backend}: every size`, backend, async () => {
    await lockstep(simd, rule("adamf, amsgrad"), SIZES, 3, bitForBit, float32);
  });

  backendTest(`simd on ${backend}: can run here`, backend, () => {
    assert.equal(simdSupport(), "yes");
    assert.equal(hostMemory()!.heap !== undefined, backend === "wasm");
  });

  backendTest(`simd on ${backend}: a gradient that is the variable itself`, backend, () => {
    const { rule: momentum, hyper } = rule("momentum");
    const variable = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3, 4, 5])));
    const before = tf.clone(variable);
    const state = simd.createState([5], 1);
    const scalars = momentum.scalars(hyper, 1);
    simd.step([{ rule: momentum, scalars, variable, gradient: variable, state }]);
    const moved = [1, 2, 3, 4, 5].map((x) => Math.fround(x - Math.fround(Math.fround(0.1) * x)));
    assert.deepEqual([...variable.dataSync()], moved);
    assert.deepEqual([...before.dataSync()], [1, 2, 3, 4, 5]);
    assert.deepEqual(state.readSync(), [Float32Array.of(1, 2, 3, 4, 5)]);
    tf.dispose([before, variable]);
    state.dispose();
  });

  backendTest(
    `simd on ${backend}: state begins as zero, or as given, and is copied out`,
    backend,
    () => {
      const used = simd.createState([3], 2, [Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6)]);
      used.dispose();
      used.dispose(); // nothing more
      const fresh = simd.createState([3], 2);
      assert.deepEqual(fresh.readSync(), [new Float32Array(3), new Float32Array(3)]);
      const given = simd.createState([2], 1, [Float32Array.of(7, 8)]);
      given.readSync()[0]!.fill(0);
      assert.deepEqual(given.readSync(), [Float32Array.of(7, 8)]);
      fresh.dispose();
      given.dispose();
    },
  );

  backendTest(
    `simd on ${backend}: tf.memory() counts what there is, and steps add nothing`,
    backend,
    () => {
      const { rule: adamf, hyper } = rule("adamf");
      const start = counts();
      const variables = [[3], [4, 5], []].map((shape) =>
        tf.tidy(() => tf.variable(tf.ones(shape)))
      );
      const gradients = variables.map((variable) => tf.onesLike(variable));
      const without = counts();
      // As inside tf.tidy, where a caller's optimizer may begin.
      let states: ReturnType<typeof simd.createState>[] = [];
      tf.tidy(() => {
        states = variables.map(({ shape }) => simd.createState(shape, 3));
      });
      const slots = backend === "wasm" ? 3 * 3 : 0; // elsewhere they are no tensors
      const floats = backend === "wasm" ? 3 * (3 + 20 + 1) : 0;
      const expected = {
        tensors: without.tensors + slots,
        buffers: without.buffers + slots,
        bytes: without.bytes + 4 * floats,
      };
      for (let step = 1; step <= 20; step++) {
        const scalars = adamf.scalars(hyper, step);
        tf.tidy(() =>
          simd.step(variables.map((variable, index) => ({
            rule: adamf,
            scalars,
            variable,
            gradient: gradients[index]!,
            state: states[index]!,
          })))
        );
        assert.deepEqual(counts(), expected);
      }
      for (const state of states) state.dispose();
      assert.deepEqual(counts(), without);
      tf.dispose([...variables, ...gradients]);
      assert.deepEqual(counts(), start);
    },
  );
}

/** A variable with its state, beside the oracle. */
class Follower {
  readonly row = rule("adamf");
  readonly variable: tf.Variable;
  readonly state: ReturnType<typeof simd.createState>;
  readonly #oracle: Oracle<typeof this.row.hyper>;
  #step = 0;

  constructor(readonly size: number) {
    this.variable = tf.tidy(() => tf.variable(tf.ones([size])));
    this.state = simd.createState([size], this.row.rule.slots.length);
    this.#oracle = new Oracle(this.row.rule, new Float32Array(size).fill(1), float32);
  }

  step(): void {
    const { rule, hyper } = this.row;
    const values = gradientOf("mixed", this.size, ++this.#step);
    this.#oracle.update(hyper, values);
    const gradient = tf.tensor1d(values.slice());
    const scalars = rule.scalars(hyper, this.#step);
    simd.step([{ rule, scalars, variable: this.variable, gradient, state: this.state }]);
    gradient.dispose();
    assert.deepEqual([...this.variable.dataSync()], [...this.#oracle.get("param")]);
    this.state.readSync().forEach((values, slot) => {
      assert.deepEqual([...values], [...this.#oracle.get(rule.slots[slot]!)]);
    });
  }

  dispose(): void {
    this.variable.dispose();
    this.state.dispose();
  }
}

backendTest("simd on wasm: the memory grows between steps, and in a step", "wasm", () => {
  const bytes = () => hostMemory()!.heap!.memory.buffer.byteLength;
  const follower = new Follower(37);
  follower.step();
  const start = bytes();
  const large = tf.zeros([start / 4]); // more than is free
  assert.ok(bytes() > start);
  follower.step();
  const { rule: momentum, hyper } = rule("momentum");
  const size = large.size;
  const variable = tf.tidy(() => tf.variable(tf.ones([size])));
  const state = simd.createState([size], 1);
  const before = bytes();
  const scalars = momentum.scalars(hyper, 1);
  simd.step([{ rule: momentum, scalars, variable, gradient: variable, state }]);
  assert.ok(bytes() > before, "the new parameter had room: the test needs a larger one");
  const moved = Math.fround(1 - Math.fround(0.1));
  assert.ok(variable.dataSync().every((value) => value === moved));
  assert.ok(state.readSync()[0]!.every((value) => value === 1));
  follower.step();
  tf.dispose([large, variable]);
  state.dispose();
  follower.dispose();
});

backendTest(
  "simd: state and variable follow a change of the backend, there and back",
  "cpu",
  async () => {
    const start = counts();
    const follower = new Follower(37);
    for (const backend of ["cpu", "wasm", "wasm", "cpu", "wasm", "cpu"]) {
      await tf.setBackend(backend);
      follower.step();
    }
    follower.dispose();
    assert.deepEqual(counts(), start);
  },
);

backendTest("simd on wasm: where there is no room, nothing has changed", "wasm", () => {
  const { rule: adamf, hyper } = rule("adamf");
  const variables = [1, 2].map((value) => tf.tidy(() => tf.variable(tf.fill([5], value))));
  const gradients = variables.map((variable) => tf.onesLike(variable));
  const states = variables.map(() => simd.createState([5], 3));
  const start = counts();
  const wasm = tf.backend() as unknown as { makeOutput: (...args: unknown[]) => unknown };
  const { makeOutput } = wasm;
  let left = 1;
  wasm.makeOutput = function (...args) {
    if (left-- > 0) return makeOutput.apply(this, args);
    throw new Error("no room");
  };
  try {
    const scalars = adamf.scalars(hyper, 1);
    const work = variables.map((variable, index) => ({
      rule: adamf,
      scalars,
      variable,
      gradient: gradients[index]!,
      state: states[index]!,
    }));
    assert.throws(() => simd.step(work), /no room/);
    left = 2;
    assert.throws(() => simd.createState([5], 3), /no room/);
  } finally {
    wasm.makeOutput = makeOutput;
  }
  assert.deepEqual(counts(), start);
  variables.forEach((variable, index) => {
    assert.ok(variable.dataSync().every((value) => value === index + 1));
    assert.deepEqual(states[index]!.readSync(), [0, 1, 2].map(() => new Float32Array(5)));
  });
  tf.dispose([...variables, ...gradients]);
  for (const state of states) state.dispose();
});

backendTest("simd on cpu: a state that fits in no memory is an error", "cpu", () => {
  assert.throws(
    () => simd.createState([2 ** 15, 2 ** 15], 2),
    /Cannot allocate 8589934592 bytes for the state of the SIMD engine: .* cannot grow so far/,
  );
});

Deno.test("simd on cpu: dropped states are freed, also those that nobody disposed of", async () => {
  const simdUrl = new URL("../../src/engines/simd.ts", import.meta.url);
  const memoryUrl = new URL("../../src/engines/simd/own_memory.ts", import.meta.url);
  const out = await runChild(
    `
    import * as tf from "@tensorflow/tfjs-core";
    import "@tensorflow/tfjs-backend-cpu";
    import { OwnMemory } from "${memoryUrl}";
    import { simd } from "${simdUrl}";
    tf.enableProdMode();
    await tf.setBackend("cpu");
    let memory;
    const { allocate } = OwnMemory.prototype;
    OwnMemory.prototype.allocate = function (bytes) {
      memory = this.memory;
      return allocate.call(this, bytes);
    };
    const pages = () => memory.buffer.byteLength / 65536;
    simd.createState([1e5], 3).dispose();
    const few = pages();
    for (let round = 0; round < 1000; round++) simd.createState([1e5], 3).dispose();
    console.log("disposed:", pages() === few);
    for (let round = 0; round < 200; round++) {
      simd.createState([1e5], 3);
      gc();
      await new Promise((resolve) => setTimeout(resolve));
    }
    console.log("dropped:", pages() < 20 * few);
    `,
    "--expose-gc",
  );
  assert.equal(out, "disposed: true\ndropped: true\n");
});
