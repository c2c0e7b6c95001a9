import type { NormLimit } from "../engine.ts";
import type { Context } from "./context.ts";
import { scalesSource, squaresSource } from "./norm_shader.ts";
import { NUMBERS } from "./page.ts";
import type { Binding, Job, Pass } from "./pass.ts";

/** Elements that one workgroup sums. */
const CHUNK = 2 ** 14;

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
  /** The gradient, and the sum if there is one, at a step. */
  bindings(jobs: readonly Job[]): Binding[];
}

/** Where a pass expects the factor of a variable's gradient. */
export interface ScalePlace {
  readonly member: number;
  readonly buffer: GPUBuffer;
  /** In bytes. */
  readonly offset: number;
}

/**
 * Computes the factors that bring the norms of gradients under a limit, and copies each to where the
 * update reads it: one dispatch for all small variables, one for each big one, and one for the factors.
 */
export class NormPass {
  readonly #context: Context;
  readonly #passes: readonly Pass[];
  readonly #limit: NormLimit;
  readonly #sources: readonly { source: GradientSource; chunks: GPUBuffer; count: number }[];
  readonly #squares: GPUBuffer;
  readonly #scales: GPUBuffer;
  readonly #norms: GPUBuffer;
  readonly #normCount: number;

  constructor(context: Context, passes: readonly Pass[], members: number, limit: NormLimit) {
    this.#context = context;
    this.#passes = passes;
    this.#limit = limit;
    const counts = new Uint32Array(members);
    const sources = passes.flatMap((pass) => pass.gradients());
    for (const { stretches } of sources) {
      for (const { member, elements } of stretches) counts[member]! += chunksOf(elements);
    }
    const firsts = counts.map((_, member) => counts.slice(0, member).reduce((a, b) => a + b, 0));
    const next = firsts.slice();
    this.#sources = sources.map((source) => {
      const rows = source.stretches.flatMap(({ member, gradient, sum, elements }) =>
        Array.from({ length: chunksOf(elements) }, (_, index) => {
          const start = index * CHUNK;
          const count = Math.min(CHUNK, elements - start);
          return [gradient + start, sum + start, count, next[member]!++];
        })
      );
      return { source, chunks: this.#filled(new Uint32Array(rows.flat())), count: rows.length };
    });
    const total = counts.reduce((a, b) => a + b, 0);
    const norms = limit.kind === "global"
      ? [0, total]
      : [...counts].flatMap((count, member) => [firsts[member]!, count]);
    this.#normCount = norms.length / 2;
    this.#norms = this.#filled(new Uint32Array(norms));
    this.#squares = context.device.createBuffer({ size: 8 * total, usage: NUMBERS });
    this.#scales = context.device.createBuffer({ size: 4 * this.#normCount, usage: NUMBERS });
  }

  /** Encodes the dispatches and the copies; gradients must be where the passes read them. */
  encode(encoder: GPUCommandEncoder, jobs: readonly Job[]): void {
    const compute = encoder.beginComputePass();
    for (const { source, chunks, count } of this.#sources) {
      const code = squaresSource(source.share);
      const buffers = [{ buffer: chunks }, { buffer: this.#squares }, ...source.bindings(jobs)];
      this.#dispatch(compute, code, ["read", "write", "read", "write"], buffers, count);
    }
    const own = [this.#norms, this.#squares, this.#scales].map((buffer) => ({ buffer }));
    const code = scalesSource(this.#limit.limit);
    this.#dispatch(compute, code, ["read", "write", "write"], own, this.#normCount);
    compute.end();
    const isGlobal = this.#limit.kind === "global";
    for (const { member, buffer, offset } of this.#passes.flatMap((pass) => pass.scales())) {
      encoder.copyBufferToBuffer(this.#scales, isGlobal ? 0 : 4 * member, buffer, offset, 4);
    }
  }

  dispose(): void {
    for (const { chunks } of this.#sources) chunks.destroy();
    for (const buffer of [this.#squares, this.#scales, this.#norms]) buffer.destroy();
  }

  #dispatch(
    compute: GPUComputePassEncoder,
    code: string,
    access: readonly ("read" | "write")[],
    bindings: readonly Binding[],
    workgroups: number,
  ): void {
    const { pipeline, layout } = this.#context.compiled(
      code,
      "norm",
      access.slice(0, bindings.length).map((each) =>
        each === "write" ? "storage" : "read-only-storage"
      ),
    );
    compute.setPipeline(pipeline);
    compute.setBindGroup(
      0,
      this.#context.device.createBindGroup({
        layout,
        entries: bindings.map((resource, binding) => ({ binding, resource })),
      }),
    );
    compute.dispatchWorkgroups(workgroups);
  }

  #filled(values: Uint32Array<ArrayBuffer>): GPUBuffer {
    const { device } = this.#context;
    const buffer = device.createBuffer({ size: values.byteLength, usage: NUMBERS });
    device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  }
}

const chunksOf = (elements: number): number => Math.ceil(elements / CHUNK);
