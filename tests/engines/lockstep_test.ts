import { loop } from "../../src/engines/loop.ts";
import { portable } from "../../src/engines/portable.ts";
import { float32 } from "../../src/expr/numbers.ts";
import { useBackend } from "../support/backends.ts";
import { type GradientKind, GRADIENTS } from "../support/gradients.ts";
import { RULES } from "../support/rule_table.ts";
import { bitForBit, lockstep, withinRounding } from "./lockstep.ts";

const SHAPES: [number[], GradientKind[], number][] = [
  [[], ["normal", "huge 1e20"], 12],
  [[1], ["normal", "zero"], 12],
  [[7, 9], Object.keys(GRADIENTS) as GradientKind[], 12],
  [[64], ["normal", "mixed"], 12],
  [[5, 13], ["normal", "mixed"], 12],
  [[100003], ["mixed"], 3],
];

for (const backend of ["cpu", "wasm"] as const) {
  for (const engine of [loop, portable]) {
    for (const row of RULES) {
      Deno.test(`lockstep with float64: ${row.name}, ${engine.name} on ${backend}`, async () => {
        await useBackend(backend);
        for (const [shape, kinds, steps] of SHAPES) {
          for (const kind of kinds) {
            await lockstep(engine, row, { shape, kind, steps }, withinRounding);
          }
        }
      });
    }
  }
}

// tfjs's cpu operations compute in float64 and store float32, which for one operation is the same
// as float32 arithmetic: the chain must give the very numbers of the float32 oracle.
for (const row of RULES.filter(({ name }) => !name.includes("0.7"))) {
  Deno.test(`bit for bit with float32: ${row.name}, portable on cpu`, async () => {
    await useBackend("cpu");
    for (const kind of Object.keys(GRADIENTS) as GradientKind[]) {
      await lockstep(portable, row, { shape: [33], kind, steps: 12, algebra: float32 }, bitForBit);
    }
  });
}
