import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { installTrainingKernels } from "@signalfit/tfjs";
import { useBackend } from "../support/backends.ts";
import { backendTest } from "../support/test.ts";
import { assertLikeCpu, numbersOf, property, sizeOf, spoiled } from "./against_cpu.ts";

type Pad = "same" | "valid" | number | [[0, 0], [number, number], [number, number], [0, 0]];

/** Kernels are called as tfjs's gradients call them. */
const run = (name: string, inputs: Record<string, tf.Tensor>, attrs: object): tf.Tensor =>
  tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;

const cases = fc.record({
  batch: fc.integer({ min: 0, max: 3 }),
  size: fc.tuple(fc.integer({ min: 5, max: 11 }), fc.integer({ min: 5, max: 11 })),
  channels: fc.integer({ min: 1, max: 19 }),
  filters: fc.integer({ min: 1, max: 10 }),
  window: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  pad: fc.constantFrom<Pad[]>("same", "valid", 1, [[0, 0], [2, 0], [1, 3], [0, 0]]),
  seed: fc.integer(),
  spoil: fc.constantFrom("nothing", "nothing", "x", "dy", "filter"),
});

/** The shape of a convolution's result. */
function outShape(
  inShape: number[],
  filterShape: number[],
  { strides, pad, dilations = [1, 1] as [number, number] }: {
    strides: [number, number];
    pad: Pad;
    dilations?: [number, number];
  },
  depthwise: boolean,
): number[] {
  return tf.backend_util.computeConv2DInfo(
    inShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations,
    pad as number,
    undefined,
    depthwise,
  ).outShape;
}

backendTest(
  "gradients of convolutions are those of the cpu backend",
  "wasm",
  () =>
    property(
      cases,
      async ({ batch, size, channels, filters, window, strides, pad, seed, spoil }) => {
        const xShape = [batch, ...size, channels], filterShape = [...window, channels, filters];
        const dyShape = outShape(xShape, filterShape, { strides, pad }, false);
        if (sizeOf(dyShape) === 0 && batch > 0) return;
        const operand = (name: string, shape: number[], seed: number) =>
          spoil === name ? spoiled(numbersOf(shape, seed), seed) : numbersOf(shape, seed);
        const x = operand("x", xShape, seed), dy = operand("dy", dyShape, seed + 1);
        const filter = operand("filter", filterShape, seed + 2);
        const attrs = { strides, pad, dataFormat: "NHWC", dimRoundingMode: undefined };
        await assertLikeCpu(
          { x, dy },
          ({ x, dy }) => run("Conv2DBackpropFilter", { x: x!, dy: dy! }, { ...attrs, filterShape }),
          batch * dyShape[1]! * dyShape[2]!,
        );
        await assertLikeCpu(
          { dy, filter },
          ({ dy, filter }) =>
            run("Conv2DBackpropInput", { dy: dy!, filter: filter! }, {
              ...attrs,
              inputShape: xShape,
            }),
          filters * window[0] * window[1],
        );
      },
    ),
);

backendTest("convolutions are those of the cpu backend", "wasm", () =>
  property(
    fc.record({ case: cases, hasBias: fc.boolean(), dilation: fc.integer({ min: 1, max: 2 }) }),
    async ({ case: { batch, size, window, strides, pad, seed, ...rest }, hasBias, dilation }) => {
      const [channels, filters] = [rest.channels + 3, rest.filters + 7]; // few are left to tfjs
      const xShape = [batch, ...size, channels], filterShape = [...window, channels, filters];
      const steps: [number, number] = dilation > 1 ? [1, 1] : strides;
      const options = { strides: steps, pad, dilations: [dilation, dilation] as [number, number] };
      const shape = outShape(xShape, filterShape, options, false);
      if (shape.some((length) => length < 0) || sizeOf(shape) === 0) return;
      const x = numbersOf(xShape, seed);
      const operands = {
        x: rest.spoil === "x" ? spoiled(x, seed) : x,
        filter: numbersOf(filterShape, seed + 1),
        bias: numbersOf([filters], seed + 2),
      };
      const attrs = { ...options, dataFormat: "NHWC", dimRoundingMode: undefined };
      await assertLikeCpu(
        operands,
        ({ x, filter, bias }) =>
          hasBias
            ? run("FusedConv2D", { x: x!, filter: filter!, bias: bias! }, {
              ...attrs,
              activation: "linear",
            })
            : run("Conv2D", { x: x!, filter: filter! }, attrs),
        channels * window[0] * window[1] + 1,
      );
    },
  ));

backendTest(
  "gradients of depthwise convolutions are those of the cpu backend",
  "wasm",
  () =>
    property(
      fc.record({
        case: cases,
        many: fc.integer({ min: 1, max: 3 }),
        dilations: fc.constantFrom<[number, number][]>([1, 1], [2, 1], [2, 3]),
      }),
      async (
        { case: { batch, size, channels, window, seed, spoil, ...rest }, many, dilations },
      ) => {
        const { pad } = rest;
        const strides: [number, number] = dilations.some((step) => step > 1)
          ? [1, 1]
          : rest.strides;
        const xShape = [batch, ...size, channels], filterShape = [...window, channels, many];
        const dyShape = outShape(xShape, filterShape, { strides, pad, dilations }, true);
        if (dyShape.some((length) => length < 0) || sizeOf(dyShape) === 0 && batch > 0) return;
        const operand = (name: string, shape: number[], seed: number) =>
          spoil === name ? spoiled(numbersOf(shape, seed), seed) : numbersOf(shape, seed);
        const x = operand("x", xShape, seed), dy = operand("dy", dyShape, seed + 1);
        const filter = operand("filter", filterShape, seed + 2);
        const attrs = { strides, pad, dilations, dimRoundingMode: undefined };
        // The cpu backend leaves dilations out: there, a window with holes stands in their place.
        const wide = window.map((length, axis) => (length - 1) * dilations[axis]! + 1);
        const plain = { ...attrs, dilations: [1, 1] };
        const isCpu = () => tf.getBackend() === "cpu";
        await assertLikeCpu(
          { x, dy },
          ({ x, dy }) => {
            const inputs = { x: x!, dy: dy! }, name = "DepthwiseConv2dNativeBackpropFilter";
            if (!isCpu()) return run(name, inputs, { ...attrs, filterShape });
            return tf.tidy(() =>
              tf.stridedSlice(
                run(name, inputs, { ...plain, filterShape: [...wide, channels, many] }),
                [0, 0, 0, 0],
                [...wide, channels, many],
                [...dilations, 1, 1],
              )
            );
          },
          batch * dyShape[1]! * dyShape[2]!,
        );
        if (spoil !== "nothing" && wide.join() !== window.join()) return; // holes times infinity
        await assertLikeCpu(
          { dy, filter },
          ({ dy, filter }) => {
            const inputs = { dy: dy!, filter: filter! },
              name = "DepthwiseConv2dNativeBackpropInput";
            if (!isCpu()) return run(name, inputs, { ...attrs, inputShape: xShape });
            return tf.tidy(() =>
              run(name, { ...inputs, filter: withHoles(inputs.filter, dilations) }, {
                ...plain,
                inputShape: xShape,
              })
            );
          },
          many * window[0] * window[1],
        );
      },
    ),
);

/** A filter whose places are so far apart, zeros between them. */
function withHoles(filter: tf.Tensor, dilations: readonly [number, number]): tf.Tensor {
  return [0, 1].reduce((filter, axis) => {
    const step = dilations[axis]!;
    const places = tf.unstack(filter, axis);
    const hole = tf.zerosLike(places[0]!);
    const spread = places.flatMap((place, at) => [
      ...at === 0 ? [] : Array.from({ length: step - 1 }, () => hole),
      place,
    ]);
    return tf.stack(spread, axis);
  }, filter);
}

backendTest(
  "images whose channels come first are refused, as tfjs refuses them",
  "wasm",
  async () => {
    await useBackend("wasm");
    installTrainingKernels();
    const x = tf.zeros([1, 2, 5, 5]), dy = tf.zeros([1, 3, 3, 3]);
    const attrs = { strides: [1, 1], pad: "valid", dataFormat: "NCHW" };
    assert.throws(
      () => run("Conv2DBackpropFilter", { x, dy }, { ...attrs, filterShape: [3, 3, 2, 3] }),
      /wasm backend Conv2DBackpropFilter does not support dataFormat/,
    );
    tf.dispose([x, dy]);
  },
);
