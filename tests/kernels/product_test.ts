import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { Heap } from "../../src/kernels/heap.ts";
import { matrix, multiply, transposed } from "../../src/kernels/product.ts";
import { backendTest } from "../support/test.ts";
import { numbersOf, property } from "./against_cpu.ts";

const cases = fc.record({
  rows: fc.integer({ min: 1, max: 40 }),
  depth: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(384, 385, 1000)),
  columns: fc.integer({ min: 1, max: 20 }),
  standing: fc.tuple(fc.boolean(), fc.boolean()),
  hasBias: fc.boolean(),
  accumulate: fc.boolean(),
  seed: fc.integer(),
});

for (const fused of [true, false]) {
  backendTest(
    `products ${fused ? "with" : "without"} fused multiply-add are sums of products`,
    "wasm",
    () => {
      const heap = new Heap(tf.backend(), fused);
      return property(
        cases,
        ({ rows, depth, columns, standing: [isA, isB], hasBias, accumulate, seed }) => {
          const tensor = (shape: number[], seed: number) =>
            tf.tensor(Float32Array.from(numbersOf(shape, seed).values), shape, "float32");
          const operands = [
            tensor(isA ? [depth, rows] : [rows, depth], seed),
            tensor(isB ? [columns, depth] : [depth, columns], seed + 1),
            tensor([columns], seed + 2),
            tensor([rows, columns], seed + 3),
          ] as const;
          const [a, b, bias, to] = operands;
          const values = operands.map((operand) => operand.dataSync());
          multiply(
            heap,
            [rows, depth, columns],
            isA ? transposed(matrix(heap.pointer(a), rows)) : matrix(heap.pointer(a), depth),
            isB ? transposed(matrix(heap.pointer(b), depth)) : matrix(heap.pointer(b), columns),
            matrix(heap.pointer(to), columns),
            { accumulate, ...hasBias ? { bias: heap.pointer(bias) } : {} },
          );
          const result = to.dataSync();
          for (let row = 0; row < rows; row++) {
            for (let column = 0; column < columns; column++) {
              const index = row * columns + column;
              const terms = [
                hasBias ? values[2]![column]! : 0,
                accumulate ? values[3]![index]! : 0,
                ...Array.from(
                  { length: depth },
                  (_, k) =>
                    values[0]![isA ? k * rows + row : row * depth + k]! *
                    values[1]![isB ? column * depth + k : k * columns + column]!,
                ),
              ];
              const sum = terms.reduce((sum, term) => sum + term);
              const magnitude = terms.reduce((sum, term) => sum + Math.abs(term), 0);
              const tolerance = (depth + 2) * 2 ** -24 * magnitude;
              assert.ok(
                Math.abs(result[index]! - sum) <= tolerance,
                `row ${row}, column ${column}`,
              );
            }
          }
          tf.dispose([...operands]);
          return Promise.resolve();
        },
      );
    },
  );
}
