import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { installTrainingKernels } from "@signalfit/tfjs";
import { backendTest } from "../support/test.ts";
import { hash, sizeOf } from "./against_cpu.ts";

/** Arrays of float64 with their shape: [batch, row, column, channel] or [row, column, in, out]. */
type Shape = readonly [number, number, number, number];
type Values = Float64Array;

const at = ([, b, c, d]: Shape, i: number, j: number, k: number, l: number) =>
  ((i * b + j) * c + k) * d + l;

const random = (shape: Shape, seed: number): Values =>
  Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(4 * hash(seed, i) - 2));

const [IN, PAD, STRIDE]: [Shape, number, number] = [[2, 5, 6, 3], 1, 2];

/** Walks over what a window of a filter sees, by the definition. */
function walk(
  [rows, columns]: readonly [number, number],
  [batch, outRows, outColumns]: readonly [number, number, number],
  see: (
    image: number,
    y: number,
    x: number,
    i: number,
    j: number,
    row: number,
    column: number,
  ) => void,
): void {
  for (let image = 0; image < batch; image++) {
    for (let y = 0; y < outRows; y++) {
      for (let x = 0; x < outColumns; x++) {
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) {
            const [row, column] = [y * STRIDE + i - PAD, x * STRIDE + j - PAD];
            if (row >= 0 && row < IN[1] && column >= 0 && column < IN[2]) {
              see(image, y, x, i, j, row, column);
            }
          }
        }
      }
    }
  }
}

/** The sum of dy times a convolution, in float64. */
function convolution(filter: Shape, out: Shape, depthwise: boolean) {
  return (x: Values, w: Values, dy: Values): number => {
    let sum = 0;
    walk([filter[0], filter[1]], [out[0], out[1], out[2]], (image, y, col, i, j, row, column) => {
      for (let c = 0; c < filter[2]; c++) {
        for (let f = 0; f < filter[3]; f++) {
          sum += x[at(IN, image, row, column, c)]! * w[at(filter, i, j, c, f)]! *
            dy[at(out, image, y, col, depthwise ? c * filter[3] + f : f)]!;
        }
      }
    });
    return sum;
  };
}

/** The slope of a function at each number of one of its arguments. */
function slopes(f: (x: Values) => number, x: Values): number[] {
  return [...x.keys()].map((index) => {
    const step = 0.5; // the functions are linear in each argument: any step is exact
    const moved = (by: number) => x.with(index, x[index]! + by);
    return (f(moved(step)) - f(moved(-step))) / (2 * step);
  });
}

const run = (name: string, inputs: Record<string, tf.Tensor>, attrs: object): number[] => {
  const result = tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;
  const values = [...result.dataSync()];
  tf.dispose([result, inputs]);
  return values;
};

const tensor = (values: Values, shape: Shape) => tf.tensor(Float32Array.from(values), [...shape]);

/** At most 36 products below 8, each rounded. */
const TOLERANCE = 36 * 8 * 2 ** -23;

function assertAll(actual: readonly number[], expected: readonly number[], what: string): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, index) => {
    assert.ok(Math.abs(actual[index]! - value) <= TOLERANCE, `${what}: ${actual[index]}, ${value}`);
  });
}

for (const depthwise of [false, true]) {
  const name = depthwise ? "DepthwiseConv2dNative" : "Conv2D";
  backendTest(`gradients of ${name} are slopes in float64`, "wasm", () => {
    installTrainingKernels();
    const filter: Shape = depthwise ? [3, 3, 3, 2] : [3, 3, 3, 4];
    const out: Shape = [2, 3, 3, depthwise ? 6 : 4]; // the last column is not seen in full
    const [x, w, dy] = [random(IN, 1), random(filter, 2), random(out, 3)] as const;
    const sum = convolution(filter, out, depthwise);
    const attrs = {
      strides: [STRIDE, STRIDE],
      pad: PAD,
      dilations: [1, 1],
      dataFormat: "NHWC",
      dimRoundingMode: "floor",
    };
    const toFilter = run(`${name}BackpropFilter`, { x: tensor(x, IN), dy: tensor(dy, out) }, {
      ...attrs,
      filterShape: [...filter],
    });
    assertAll(toFilter, slopes((w) => sum(x, w, dy), w), "filter");
    const toInput = run(
      `${name}BackpropInput`,
      { dy: tensor(dy, out), filter: tensor(w, filter) },
      { ...attrs, inputShape: [...IN] },
    );
    assertAll(toInput, slopes((x) => sum(x, w, dy), x), "input");
  });
}

backendTest("the gradient of an embedding is the slope in float64", "wasm", () => {
  installTrainingKernels();
  const words = [3, 0, 3, 1, 3], wide = 5;
  const dy = random([1, 1, words.length, wide], 4), table = random([1, 1, 4, wide], 5);
  const sum = (table: Values) =>
    words.reduce((sum, word, position) => {
      for (let i = 0; i < wide; i++) sum += table[word * wide + i]! * dy[position * wide + i]!;
      return sum;
    }, 0);
  const gradient = run("UnsortedSegmentSum", {
    x: tf.tensor2d(Float32Array.from(dy), [words.length, wide]),
    segmentIds: tf.tensor1d(words, "int32"),
  }, { numSegments: 4 });
  assertAll(gradient, slopes(sum, table), "table");
});
