import assert from "node:assert/strict";
import { assertTrack, goldens, gradientsAt, hyperOf, TRACKS } from "../support/golden.ts";
import { Oracle } from "../../cli/doctor/oracle.ts";
import { ruleFor, toHyper } from "./golden_rules.ts";

/** Asked for a float64 evaluation by the files' own convention. */
const TOLERANCE = 1e-10;

for (const golden of goldens) {
  for (const trace of golden.traces.filter(({ dtype }) => dtype === "float64")) {
    Deno.test(`float64: ${golden.algorithm} ${golden.id}, ${trace.variant}`, () => {
      const variables = golden.params.map(({ init }, index) =>
        new Oracle(ruleFor(golden, trace.variant, hyperOf(golden, index, 0)), init)
      );
      trace.params.forEach((_, step) => {
        const gradients = gradientsAt(golden, step, variables.map(({ param }) => param));
        variables.forEach((variable, index) => {
          const gradient = gradients[index];
          if (gradient) variable.update(toHyper(hyperOf(golden, index, step)), gradient);
          for (const [track, slot] of Object.entries(TRACKS)) {
            const expected = trace[track as keyof typeof TRACKS];
            if (expected === undefined) continue;
            if (!variable.rule.slots.includes(slot) && slot !== "param") {
              assert.equal(golden.hyper.denom, "s"); // the reference keeps a v that it does not use
              continue;
            }
            const what = `step ${step + 1}, ${track} of parameter ${index}`;
            assertTrack(expected, step, index, variable.get(slot), TOLERANCE, what);
          }
        });
      });
      assert.deepEqual(variables.map(({ step }) => step), trace.final_step_counters);
    });
  }
}

Deno.test("there are golden files for both algorithms", () => {
  const count = (algorithm: string) =>
    goldens.filter((golden) => golden.algorithm === algorithm).length;
  assert.deepEqual([count("SGDF"), count("AdamF")], [28, 15]);
});
