import type { AnyRule } from "../../rules/rule.ts";
import type { Context } from "./context.ts";
import { NUMBERS, padded, type Page } from "./page.ts";
import { bind, dispatch, type Job, type Pass, StepBlock } from "./pass.ts";
import { type Layout, scalarsOf } from "./shader.ts";

/**
 * One dispatch for many small variables of one rule whose states share a page: parameters and
 * gradients are copied into flat buffers, the results out of them.
 */
export class PackedPass implements Pass {
  readonly #context: Context;
  readonly #rule: AnyRule;
  readonly #page: Page;
  /** Positions of this pass's variables among the step's. */
  readonly #members: readonly number[];
  /** First element of each variable in the flat buffers. */
  readonly #starts: readonly number[];
  readonly #elements: number;
  /**
   * The data of each variable that the flat buffer holds: what a step leaves there is what the next
   * one needs, as long as nobody else has assigned the variable. Data never change under an id.
   */
  readonly #held: (object | undefined)[];
  readonly #param: GPUBuffer;
  readonly #grad: GPUBuffer;
  /** State offset minus start, if it is the same for all variables. */
  readonly #base: number | undefined;
  readonly #variants = new Map<Layout, { block: StepBlock; group: GPUBindGroup }>();
  /** The table's second buffer: the scalars of each variable. */
  #rows: { buffer: GPUBuffer; values: Float32Array<ArrayBuffer> } | undefined;
  #table: GPUBuffer | undefined;
  #layout: Layout = "packed";

  constructor(context: Context, page: Page, members: readonly number[], jobs: readonly Job[]) {
    this.#context = context;
    this.#page = page;
    this.#members = members;
    const works = members.map((index) => jobs[index]!.work);
    this.#rule = works[0]!.rule;
    let end = 0;
    this.#starts = works.map(({ state }) => {
      const start = end;
      end += padded(state.size);
      return start;
    });
    this.#elements = end;
    this.#held = works.map(() => undefined);
    const shifts = works.map(({ state }, index) => state.offset - this.#starts[index]!);
    this.#base = shifts.every((shift) => shift === shifts[0]) ? shifts[0] : undefined;
    const { device } = context;
    this.#param = device.createBuffer({ size: 4 * end, usage: NUMBERS });
    this.#grad = device.createBuffer({ size: 4 * end, usage: NUMBERS });
  }

  write(jobs: readonly Job[]): void {
    const scalars = this.#members.map((index) => jobs[index]!.work.scalars);
    const alike = scalars.every((each) => each === scalars[0]);
    this.#layout = alike && this.#base !== undefined ? "packed" : "table";
    const { block } = this.#variant(jobs);
    const { queue } = this.#context.device;
    block.write(this.#elements / 4, (this.#base ?? 0) / 4, this.#members.length, scalars[0]!);
    if (this.#layout === "table") {
      const names = scalarsOf(this.#rule);
      const { buffer, values } = this.#rows!;
      scalars.forEach((each, variable) =>
        names.forEach((name, index) => values[variable * names.length + index] = each[name]!)
      );
      queue.writeBuffer(buffer, 0, values);
    }
  }

  before(encoder: GPUCommandEncoder, jobs: readonly Job[]): void {
    this.#each(jobs, ({ work, param, grad }, start, bytes, index) => {
      if (this.#held[index] !== work.variable.dataId) {
        encoder.copyBufferToBuffer(param, 0, this.#param, start, bytes);
      }
      encoder.copyBufferToBuffer(grad, 0, this.#grad, start, bytes);
      this.#held[index] = undefined; // until the result is the variable's value
    });
  }

  dispatch(encoder: GPUComputePassEncoder, jobs: readonly Job[]): void {
    const pipeline = this.#context.pipeline(this.#rule, this.#layout, 4);
    dispatch(this.#context, encoder, pipeline, this.#variant(jobs).group, this.#elements, 4);
  }

  after(encoder: GPUCommandEncoder, jobs: readonly Job[]): void {
    this.#each(jobs, ({ out }, start, bytes) => {
      encoder.copyBufferToBuffer(this.#param, start, out, 0, bytes);
    });
  }

  done(jobs: readonly Job[]): void {
    this.#each(jobs, ({ work }, _start, _bytes, index) => {
      this.#held[index] = work.variable.dataId;
    });
  }

  dispose(): void {
    for (const { block } of this.#variants.values()) block.buffer.destroy();
    for (const buffer of [this.#param, this.#grad, this.#rows?.buffer, this.#table]) {
      buffer?.destroy();
    }
  }

  #each(
    jobs: readonly Job[],
    visit: (job: Job, start: number, bytes: number, index: number) => void,
  ): void {
    this.#members.forEach((member, index) => {
      const job = jobs[member]!;
      visit(job, 4 * this.#starts[index]!, 4 * job.work.state.size, index);
    });
  }

  /** Block and bind group of the present layout. */
  #variant(jobs: readonly Job[]): { block: StepBlock; group: GPUBindGroup } {
    let variant = this.#variants.get(this.#layout);
    if (variant === undefined) {
      const context = this.#context;
      const block = new StepBlock(context, this.#rule, this.#layout);
      const numbers = [this.#param, this.#grad, ...this.#page.buffers];
      const buffers = this.#layout === "table" ? [...numbers, ...this.#makeTable(jobs)] : numbers;
      const pipeline = context.pipeline(this.#rule, this.#layout, 4);
      const group = bind(context, pipeline, block, buffers.map((buffer) => ({ buffer })));
      this.#variants.set(this.#layout, variant = { block, group });
    }
    return variant;
  }

  #makeTable(jobs: readonly Job[]): GPUBuffer[] {
    const { device } = this.#context;
    const table = new Int32Array(4 * this.#members.length);
    this.#members.forEach((member, index) => {
      const start = this.#starts[index]!;
      const shift = jobs[member]!.work.state.offset - start;
      table.set([start / 4, shift / 4, index], 4 * index);
    });
    const values = new Float32Array(this.#members.length * scalarsOf(this.#rule).length);
    this.#table = device.createBuffer({ size: table.byteLength, usage: NUMBERS });
    device.queue.writeBuffer(this.#table, 0, table);
    this.#rows = {
      values,
      buffer: device.createBuffer({ size: values.byteLength, usage: NUMBERS }),
    };
    return [this.#table, this.#rows.buffer];
  }
}
