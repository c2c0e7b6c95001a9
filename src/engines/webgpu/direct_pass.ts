import type { Context, Limits } from "./context.ts";
import { accumulatorOf } from "../engine.ts";
import {
  bind,
  dispatch,
  type GradientSource,
  type Job,
  type Pass,
  type ScalePlace,
  shareOf,
  StepBlock,
} from "./pass.ts";
import { type Width, WORKGROUP } from "./shader.ts";

/** How many bind groups a pass keeps: tfjs recycles buffers, so a few combinations recur. */
const KEPT_GROUPS = 16;

/**
 * The pass of one big variable: its tensors are bound as they are, in pieces where they are larger
 * than a binding may be.
 */
export class DirectPass implements Pass {
  readonly #context: Context;
  readonly #member: number;
  readonly #width: Width;
  readonly #share: number | undefined;
  readonly #pieces: readonly { start: number; elements: number; block: StepBlock }[];
  readonly #groups = new Map<string, GPUBindGroup>();

  constructor(context: Context, member: number, { work }: Job) {
    const { rule, state } = work;
    this.#share = shareOf(work);
    this.#context = context;
    this.#member = member;
    this.#width = state.size % 4 === 0 ? 4 : 1;
    const most = largestPiece(context.limits, this.#width);
    this.#pieces = Array.from({ length: Math.ceil(state.size / most) }, (_, index) => ({
      start: index * most,
      elements: Math.min(most, state.size - index * most),
      block: new StepBlock(context, rule, "direct"),
    }));
  }

  write(jobs: readonly Job[]): void {
    const { scalars } = jobs[this.#member]!.work;
    for (const { elements, block } of this.#pieces) {
      block.write(elements / this.#width, 0, 1, scalars);
    }
  }

  before(): void {}

  gradients(): GradientSource[] {
    return this.#pieces.map(({ start, elements }) => ({
      stretches: [{ member: this.#member, gradient: 0, sum: 0, elements }],
      share: this.#share,
      bindings: (jobs) => {
        const { grad, work: { rule, state } } = jobs[this.#member]!;
        const sum = state.page!.buffers[accumulatorOf(rule)];
        const range = { offset: 4 * start, size: 4 * elements };
        return [grad, ...sum === undefined ? [] : [sum]].map((buffer) => ({ buffer, ...range }));
      },
    }));
  }

  scales(): ScalePlace[] {
    return this.#pieces.map(({ block }) => ({
      member: this.#member,
      buffer: block.buffer,
      offset: block.scaleOffset,
    }));
  }

  dispatch(encoder: GPUComputePassEncoder, jobs: readonly Job[]): void {
    const job = jobs[this.#member]!;
    const pipeline = this.#context.pipeline(job.work.rule, "direct", this.#width);
    this.#pieces.forEach(({ elements }, piece) => {
      const group = this.#group(job, piece);
      dispatch(this.#context, encoder, pipeline, group, elements, this.#width);
    });
  }

  after(): void {}

  done(): void {}

  dispose(): void {
    for (const { block } of this.#pieces) block.buffer.destroy();
  }

  #group(job: Job, piece: number): GPUBindGroup {
    const tensors = [job.param, job.grad, job.out];
    const key = [piece, ...tensors.map((buffer) => this.#context.idOf(buffer))].join();
    let group = this.#groups.get(key);
    if (group === undefined) {
      const { start, elements, block } = this.#pieces[piece]!;
      const { rule, state } = job.work;
      const range = { offset: 4 * start, size: 4 * elements };
      group = bind(
        this.#context,
        this.#context.pipeline(rule, "direct", this.#width),
        block,
        [...tensors, ...state.page!.buffers].map((buffer) => ({ buffer, ...range })),
      );
      if (this.#groups.size >= KEPT_GROUPS) {
        this.#groups.delete(this.#groups.keys().next().value!);
      }
    } else {
      this.#groups.delete(key); // to the end: the one used last goes last
    }
    this.#groups.set(key, group);
    return group;
  }
}

/** The most elements that one dispatch of bound buffers may cover; its bytes keep the alignment. */
function largestPiece(limits: Limits, width: Width): number {
  const alignment = limits.minStorageBufferOffsetAlignment / 4;
  const bound = limits.maxStorageBufferBindingSize / 4;
  const dispatched = limits.maxComputeWorkgroupsPerDimension ** 2 * WORKGROUP * width;
  return Math.floor(Math.min(bound, dispatched) / alignment) * alignment;
}
