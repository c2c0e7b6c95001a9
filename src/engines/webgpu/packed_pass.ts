import { GRADIENT_SCALE } from "../../rules/prepared.ts";
import type { AnyRule } from "../../rules/rule.ts";
import { accumulatorOf } from "../engine.ts";
import type { Context } from "./context.ts";
import { NUMBERS, padded, type Page } from "./page.ts";
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
import { type Layout, scalarsOf, TABLE_WORDS } from "./shader.ts";

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
  readonly #sizes: readonly number[];
  /** First element of each variable's state in the page. */
  readonly #offsets: readonly number[];
  readonly #share: number | undefined;
  readonly #isUneven: boolean;
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
  /** Places of the variables, then the scalars of each; the same bytes as integers and as numbers. */
  #table: { buffer: GPUBuffer; words: Int32Array<ArrayBuffer>; scalars: Float32Array } | undefined;
  #layout: Layout = "packed";

  /** @param isUneven whether the variables' scalars come to differ on the device */
  constructor(
    context: Context,
    page: Page,
    members: readonly number[],
    jobs: readonly Job[],
    isUneven: boolean,
  ) {
    this.#isUneven = isUneven;
    this.#context = context;
    this.#page = page;
    this.#members = members;
    const works = members.map((index) => jobs[index]!.work);
    this.#rule = works[0]!.rule;
    this.#share = shareOf(works[0]!);
    this.#sizes = works.map(({ state }) => state.size);
    this.#offsets = works.map(({ state }) => state.offset);
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
    const alike = !this.#isUneven && scalars.every((each) => each === scalars[0]);
    this.#layout = alike && this.#base !== undefined ? "packed" : "table";
    const { block } = this.#variant();
    const { queue } = this.#context.device;
    block.write(this.#elements / 4, (this.#base ?? 0) / 4, this.#members.length, scalars[0]!);
    if (this.#table !== undefined && this.#layout === "table") {
      const names = scalarsOf(this.#rule);
      const { buffer, words, scalars: values } = this.#table;
      scalars.forEach((each, variable) =>
        names.forEach((name, index) => values[variable * names.length + index] = each[name]!)
      );
      queue.writeBuffer(buffer, 0, words);
    }
  }

  gradients(): GradientSource[] {
    const sum = this.#page.buffers[accumulatorOf(this.#rule)];
    const bindings = [this.#grad, ...sum === undefined ? [] : [sum]].map((buffer) => ({ buffer }));
    return [{
      stretches: this.#members.map((member, index) => ({
        member,
        gradient: this.#starts[index]!,
        sum: this.#offsets[index]!,
        elements: this.#sizes[index]!,
      })),
      share: this.#share,
      bindings: () => bindings,
    }];
  }

  scales(): ScalePlace[] {
    const { block } = this.#variants.get(this.#layout)!;
    const names = scalarsOf(this.#rule);
    const first = TABLE_WORDS * this.#members.length + names.indexOf(GRADIENT_SCALE);
    if (this.#layout === "packed") {
      return [{ member: this.#members[0]!, buffer: block.buffer, offset: block.scaleOffset }];
    }
    const { buffer } = this.#table!;
    return this.#members.map((member, index) => ({
      member,
      buffer,
      offset: 4 * (first + index * names.length),
    }));
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

  dispatch(encoder: GPUComputePassEncoder): void {
    const pipeline = this.#context.pipeline(this.#rule, this.#layout, 4);
    dispatch(this.#context, encoder, pipeline, this.#variant().group, this.#elements, 4);
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
    for (const buffer of [this.#param, this.#grad, this.#table?.buffer]) {
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
  #variant(): { block: StepBlock; group: GPUBindGroup } {
    let variant = this.#variants.get(this.#layout);
    if (variant === undefined) {
      const context = this.#context;
      const block = new StepBlock(context, this.#rule, this.#layout);
      const numbers = [this.#param, this.#grad, ...this.#page.buffers];
      const buffers = this.#layout === "table" ? [...numbers, this.#makeTable()] : numbers;
      const pipeline = context.pipeline(this.#rule, this.#layout, 4);
      const group = bind(context, pipeline, block, buffers.map((buffer) => ({ buffer })));
      this.#variants.set(this.#layout, variant = { block, group });
    }
    return variant;
  }

  #makeTable(): GPUBuffer {
    const { device } = this.#context;
    const members = this.#members.length;
    const first = TABLE_WORDS * members;
    const words = new Int32Array(first + members * scalarsOf(this.#rule).length);
    this.#starts.forEach((start, index) => {
      words.set([start / 4, (this.#offsets[index]! - start) / 4], TABLE_WORDS * index);
    });
    const buffer = device.createBuffer({ size: words.byteLength, usage: NUMBERS });
    const scalars = new Float32Array(words.buffer, 4 * first);
    this.#table = { buffer, words, scalars };
    return buffer;
  }
}
