import { inputsOf } from "../../expr/program.ts";
import { printWgsl } from "../../expr/print_wgsl.ts";
import type { AnyRule } from "../../rules/rule.ts";
import { programOf } from "../rule_program.ts";

/**
 * How a pass finds its numbers.
 *
 * - "direct": parameter, gradient and result are buffers of tensors.
 * - "packed": parameters and gradients lie side by side in flat buffers, the result replaces the
 *   parameter; state at the same place plus an offset; scalars for all alike.
 * - "table": as packed, but each variable's place of state and its scalars come from a table.
 */
export type Layout = "direct" | "packed" | "table";

/** Numbers that a thread handles at once. */
export type Width = 1 | 4;

/** Threads of a workgroup. */
export const WORKGROUP = 256;

/** Bytes of the uniform block before the scalars: count, base, rows, and one left free. */
export const HEADER_BYTES = 16;

/** The scalars that a rule's shader reads, in order. */
export function scalarsOf(rule: AnyRule): string[] {
  const used = new Set(inputsOf(programOf(rule, "single")));
  return rule.scalarNames.filter((name) => used.has(name));
}

/** The bindings of a shader after the uniform block, in order. */
export function bindingsOf(rule: AnyRule, layout: Layout): { name: string; writable: boolean }[] {
  const slots = rule.slots.map((name) => ({ name, writable: true }));
  const grad = { name: "grad", writable: false };
  if (layout === "direct") {
    return [{ name: "param", writable: false }, grad, { name: "out", writable: true }, ...slots];
  }
  const packed = [{ name: "param", writable: true }, grad, ...slots];
  if (layout === "packed") return packed;
  return [...packed, { name: "table", writable: false }];
}

/** The WGSL of one pass over all elements. */
export function shaderSource(rule: AnyRule, layout: Layout, width: Width): string {
  const scalars = scalarsOf(rule);
  const isScalar = new Set(scalars);
  const isSlot = new Set(rule.slots);
  const { lines, outputs } = printWgsl(programOf(rule, "single"), (name) => {
    if (isScalar.has(name)) {
      return layout === "table"
        ? `V(bitcast<f32>(table[k + ${scalars.indexOf(name)}u]))`
        : `V(step.${name})`;
    }
    return isSlot.has(name) ? `${name}[j]` : `${name}[i]`;
  });
  const types: Record<string, string> = { table: "array<u32>" };
  const bindings = bindingsOf(rule, layout).map(({ name, writable }, index) =>
    `@group(0) @binding(${index + 1}) ` +
    `var<storage, ${writable ? "read_write" : "read"}> ${name}: ${types[name] ?? "array<V>"};`
  );
  return [
    `alias V = ${width === 4 ? "vec4<f32>" : "f32"};`,
    `struct Step {`,
    `  count: u32,`,
    `  base: u32,`,
    `  variables: u32,`,
    `  unused: u32,`,
    ...(layout === "table" ? [] : scalars.map((name) => `  ${name}: f32,`)),
    `}`,
    `@group(0) @binding(0) var<uniform> step: Step;`,
    ...bindings,
    ``,
    `@compute @workgroup_size(${WORKGROUP})`,
    `fn ${rule.name}(`,
    `  @builtin(global_invocation_id) id: vec3<u32>,`,
    `  @builtin(num_workgroups) groups: vec3<u32>,`,
    `) {`,
    `  let i = id.x + id.y * groups.x * ${WORKGROUP}u;`,
    `  if (i >= step.count) { return; }`,
    ...(layout === "table" ? TABLE_LOOKUP(scalars.length) : [`  let j = step.base + i;`]),
    ...lines.map((line) => `  ${line}`),
    `  ${layout === "direct" ? "out" : "param"}[i] = ${outputs.param};`,
    ...rule.slots.map((slot) => `  ${slot}[j] = ${outputs[slot]};`),
    `}`,
    ``,
  ].join("\n");
}

/** Words of the table for each variable, before the scalars of all: first element, state offset. */
export const TABLE_WORDS = 2;

/** Finds the variable of element i by halving. */
const TABLE_LOOKUP = (scalars: number): string[] => [
  `  var low = 0u;`,
  `  var high = step.variables;`,
  `  while (high - low > 1u) {`,
  `    let middle = (low + high) / 2u;`,
  `    if (table[${TABLE_WORDS}u * middle] <= i) { low = middle; } else { high = middle; }`,
  `  }`,
  `  let j = i + table[${TABLE_WORDS}u * low + 1u];`,
  `  let k = ${TABLE_WORDS}u * step.variables + ${scalars}u * low;`,
];
