import { type Layout, shaderSource, type Width } from "../../src/engines/webgpu/shader.ts";
import { RULES } from "../support/rule_table.ts";
import { snapshotTests } from "../support/snapshot.ts";

/** Every rule as it is packed, and one in every other form. */
const FORMS: [string, Layout, Width][] = [["direct 4", "direct", 4], ["direct 1", "direct", 1], [
  "table",
  "table",
  4,
]];
const [first] = RULES;

snapshotTests({ directory: "wgsl", extension: ".wgsl" }, [
  ...RULES.map(({ name, rule }) => ({ name, print: () => shaderSource(rule, "packed", 4) })),
  ...FORMS.map(([form, layout, width]) => ({
    name: `${first!.name}, ${form}`,
    print: () => shaderSource(first!.rule, layout, width),
  })),
]);
