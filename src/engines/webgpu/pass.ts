import { accumulatorOf, type Work } from "../engine.ts";
import type { Context, Pipeline } from "./context.ts";
import { GRADIENT_SCALE } from "../../rules/prepared.ts";
import type { GpuState } from "./page.ts";
import { HEADER_BYTES, type Layout, scalarsOf, type Width, WORKGROUP } from "./shader.ts";

/** One variable of a step, with its buffers. */
export interface Job {
  readonly work: Work<GpuState>;
  readonly param: GPUBuffer;
  readonly grad: GPUBuffer;
  readonly out: GPUBuffer;
}

/** Part of a variable's gradient, within the buffers of a source. */
export interface Stretch {
  /** Position of the variable among the step's. */
  readonly member: number;
  /** First element of the gradient, and of the sum of those before it. */
  readonly gradient: number;
  readonly sum: number;
  readonly elements: number;
}

/** Gradients that lie in one buffer. */
export interface GradientSource {
  readonly stretches: readonly Stretch[];
  /** What the sum is multiplied by, where gradients are summed. */
  readonly share: number | undefined;
  /** The gradient, and the sum if there is one, at a step; the same list where they do not move. */
  bindings(jobs: readonly Job[]): readonly Binding[];
}

/** Where a pass expects the factor of a variable's gradient. */
export interface ScalePlace {
  readonly member: number;
  readonly buffer: GPUBuffer;
  /** In bytes. */
  readonly offset: number;
}

/** Part of a plan: the copies and dispatches for some of a step's variables. */
export interface Pass {
  /** Hands the numbers of this step to the queue. */
  write(jobs: readonly Job[]): void;
  /** Where the gradients lie once `before` is done, for norms. */
  gradients(): GradientSource[];
  /** Where the factors of the gradients go, before the dispatches. */
  scales(): ScalePlace[];
  /** Copies that must come before the dispatches. */
  before(encoder: GPUCommandEncoder, jobs: readonly Job[]): void;
  /** The dispatches. */
  dispatch(encoder: GPUComputePassEncoder, jobs: readonly Job[]): void;
  /** Copies that must come after the dispatches. */
  after(encoder: GPUCommandEncoder, jobs: readonly Job[]): void;
  /** Told when the results have become the variables' values. */
  done(jobs: readonly Job[]): void;
  dispose(): void;
}

const { COPY_DST, UNIFORM } = { COPY_DST: 8, UNIFORM: 64 };

/** The uniform block of a dispatch: element count, state offset, variable count, scalars. */
export class StepBlock {
  readonly buffer: GPUBuffer;
  readonly #bytes: ArrayBuffer;
  readonly #header: Uint32Array;
  readonly #scalars: Float32Array;
  readonly #names: readonly string[];

  constructor(private readonly context: Context, rule: Work["rule"], layout: Layout) {
    this.#names = layout === "table" ? [] : scalarsOf(rule);
    const size = HEADER_BYTES + 16 * Math.ceil(this.#names.length / 4);
    this.#bytes = new ArrayBuffer(size);
    this.#header = new Uint32Array(this.#bytes, 0, HEADER_BYTES / 4);
    this.#scalars = new Float32Array(this.#bytes, HEADER_BYTES);
    this.buffer = context.device.createBuffer({ size, usage: UNIFORM | COPY_DST });
  }

  /** Where the gradients' factor stands, in bytes; -1 if the rule has none. */
  get scaleOffset(): number {
    const index = this.#names.indexOf(GRADIENT_SCALE);
    return index < 0 ? -1 : HEADER_BYTES + 4 * index;
  }

  write(
    count: number,
    base: number,
    variables: number,
    scalars: Readonly<Record<string, number>>,
  ): void {
    this.#header.set([count, base, variables]);
    this.#names.forEach((name, index) => this.#scalars[index] = scalars[name]!);
    this.context.device.queue.writeBuffer(this.buffer, 0, this.#bytes);
  }
}

/** What a rule multiplies its sum of gradients by, where it has one. */
export function shareOf({ rule, scalars }: Work): number | undefined {
  return accumulatorOf(rule) < 0 ? undefined : scalars["accumulatorShare"];
}

/** A range of a buffer. */
export interface Binding {
  readonly buffer: GPUBuffer;
  readonly offset?: number;
  readonly size?: number;
}

/** Binds buffers to a pipeline, block first. */
export function bind(
  context: Context,
  { layout }: Pipeline,
  block: StepBlock,
  bindings: readonly Binding[],
): GPUBindGroup {
  return context.device.createBindGroup({
    layout,
    entries: [{ buffer: block.buffer }, ...bindings].map((resource, binding) => ({
      binding,
      resource,
    })),
  });
}

/** Dispatches a pipeline over so many elements. */
export function dispatch(
  context: Context,
  encoder: GPUComputePassEncoder,
  { pipeline }: Pipeline,
  bindGroup: GPUBindGroup,
  elements: number,
  width: Width,
): void {
  const groups = Math.ceil(elements / width / WORKGROUP);
  const columns = Math.min(groups, context.limits.maxComputeWorkgroupsPerDimension);
  encoder.setPipeline(pipeline);
  encoder.setBindGroup(0, bindGroup);
  encoder.dispatchWorkgroups(columns, Math.ceil(groups / columns));
}
