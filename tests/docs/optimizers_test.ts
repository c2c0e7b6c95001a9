import assert from "node:assert/strict";
import * as library from "@signalfit/tfjs";
import { OPTIMIZERS, RuleOptimizer } from "@signalfit/tfjs";

/** The table of docs/optimizers.md. */
const page = await Deno.readTextFile(new URL("../../docs/optimizers.md", import.meta.url));

/** The options that all have, at the values that most have. */
const COMMON: Readonly<Record<string, unknown>> = {
  weightDecay: 0,
  decoupledWeightDecay: false,
  exclude: null,
  overrides: null,
  clipValue: null,
  clipNorm: null,
  globalClipNorm: null,
  gradientAccumulationSteps: 1,
  useEma: false,
  emaMomentum: 0.99,
  onNonFinite: "propagate",
  engine: "auto",
};

Deno.test("docs/optimizers.md has every optimizer with its defaults and what it is good for", () => {
  const rows = page.split("\n").filter((line) => /^\| `\w+` +\| \d/.test(line))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const expected = Object.entries(OPTIMIZERS).map(([name, { options, goodFor }]) => {
    const { learningRate, ...rest } = options;
    const own = Object.entries(rest).filter(([option, { fallback }]) =>
      !(option in COMMON) || COMMON[option] !== fallback
    );
    return [
      `\`${name}\``,
      String(learningRate!.fallback),
      own.map(([option, { fallback }]) => `\`${option}\` ${fallback}`).join(", "),
      goodFor,
    ];
  });
  assert.deepEqual(rows, expected);
});

Deno.test("the table of optimizers holds every one that the library exports", () => {
  const classes = Object.values(library as Record<string, unknown>).filter((value) =>
    typeof value === "function" && value.prototype instanceof RuleOptimizer &&
    !["RuleOptimizer", "FilterOptimizer"].includes(value.name)
  );
  const entries = Object.entries(OPTIMIZERS);
  assert.deepEqual(new Set(entries.map(([, { type }]) => type)), new Set(classes));
  for (const [name, { type, create }] of entries) {
    assert.equal((library as Record<string, unknown>)[type.name.toLowerCase()] !== undefined, true);
    assert.equal(type.name.toLowerCase(), name);
    const optimizer = create({ learningRate: 0.125 });
    assert.ok(Object.getPrototypeOf(optimizer) === type.prototype);
    assert.equal(optimizer.learningRate, 0.125);
  }
});
