import { DOWN, LARGE } from "../norm_range.ts";
import { WORKGROUP } from "./shader.ts";

/** A float32 literal. */
const f32 = (value: number): string => `${Math.fround(value)}f`;

/** Begins the function, one workgroup a sum. */
const HEAD = [
  `var<workgroup> partial: array<vec2<f32>, ${WORKGROUP}>;`,
  ``,
  `@compute @workgroup_size(${WORKGROUP})`,
  `fn norm(`,
  `  @builtin(workgroup_id) group: vec3<u32>,`,
  `  @builtin(local_invocation_index) thread: u32,`,
  `) {`,
];

/** Adds up what the threads of a workgroup hold in `sums`; the first one has the result. */
const ADD_UP = [
  `  partial[thread] = sums;`,
  `  for (var half = ${WORKGROUP / 2}u; half > 0u; half /= 2u) {`,
  `    workgroupBarrier();`,
  `    if (thread < half) { partial[thread] += partial[thread + half]; }`,
  `  }`,
];

/**
 * Sums squares of gradients, one workgroup a chunk: of small numbers, and of large ones scaled down.
 *
 * @param share where gradients were summed before: what the sum is multiplied by
 */
export function squaresSource(share: number | undefined): string {
  const value = share === undefined
    ? "grad[chunk.x + i]"
    : `(sum[chunk.y + i] + grad[chunk.x + i]) * ${f32(share)}`;
  return [
    `@group(0) @binding(0) var<storage, read> chunks: array<vec4<u32>>;`,
    `@group(0) @binding(1) var<storage, read_write> squares: array<vec2<f32>>;`,
    `@group(0) @binding(2) var<storage, read> grad: array<f32>;`,
    ...share === undefined
      ? []
      : [`@group(0) @binding(3) var<storage, read_write> sum: array<f32>;`],
    ...HEAD,
    `  let chunk = chunks[group.x];`,
    `  var sums = vec2<f32>(0f, 0f);`,
    `  for (var i = thread; i < chunk.z; i += ${WORKGROUP}u) {`,
    `    let value = ${value};`,
    `    let scaled = value * ${f32(DOWN)};`,
    `    if (abs(value) > ${f32(LARGE)}) { sums.y += scaled * scaled; }`,
    `    else { sums.x += value * value; }`,
    `  }`,
    ...ADD_UP,
    `  if (thread == 0u) { squares[chunk.w] = partial[0]; }`,
    `}`,
    ``,
  ].join("\n");
}

/** The factors `min(1, limit / norm)`, one workgroup a norm. */
export function scalesSource(limit: number): string {
  return [
    `@group(0) @binding(0) var<storage, read> norms: array<vec2<u32>>;`,
    `@group(0) @binding(1) var<storage, read_write> squares: array<vec2<f32>>;`,
    `@group(0) @binding(2) var<storage, read_write> scales: array<f32>;`,
    ...HEAD,
    `  let first = norms[group.x].x;`,
    `  let count = norms[group.x].y;`,
    `  var sums = vec2<f32>(0f, 0f);`,
    `  for (var i = thread; i < count; i += ${WORKGROUP}u) { sums += squares[first + i]; }`,
    ...ADD_UP,
    `  if (thread > 0u) { return; }`,
    `  let large = partial[0].y > 0f;`,
    `  let square = select(partial[0].x, partial[0].y + partial[0].x * ${
      f32(DOWN * DOWN)
    }, large);`,
    `  let limit = select(${f32(limit)}, ${f32(limit * DOWN)}, large);`,
    `  let length = sqrt(square);`,
    `  scales[group.x] = select(limit / length, 1f, length <= limit);`,
    `}`,
    ``,
  ].join("\n");
}
