import { float32 } from "../../src/expr/numbers.ts";
import { portable } from "../../src/engines/portable.ts";
import { useBackend } from "../support/backends.ts";
import { engineNamed, ENGINES } from "../support/engines.ts";
import { RULES, WITHOUT_EPSILON } from "../support/rule_table.ts";
import { backendTest } from "../support/test.ts";
import { bitForBit, LARGE, lockstep, SMALL, withinRounding } from "./lockstep.ts";

// Rule by rule, so that the oracle's part is computed once for all engines.
for (const row of RULES) {
  for (const { engine, backend } of ENGINES) {
    const name = `lockstep with float64: ${row.name}, ${engine} on ${backend}`;
    backendTest(name, backend, async () => {
      await lockstep(engineNamed(engine), row, SMALL, 12, withinRounding());
      await lockstep(engineNamed(engine), row, LARGE, 3, withinRounding());
    });
  }
}

// tfjs's cpu operations compute in float64 and store float32, which for one operation is the same
// as float32 arithmetic: the chain must give the very numbers of the float32 oracle.
for (const row of [...RULES.filter(({ name }) => !name.includes("0.7")), ...WITHOUT_EPSILON]) {
  Deno.test(`bit for bit with float32: ${row.name}, portable on cpu`, async () => {
    await useBackend("cpu");
    await lockstep(portable, row, SMALL, 12, bitForBit, float32);
  });
}
