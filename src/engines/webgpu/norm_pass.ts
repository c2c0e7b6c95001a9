import type { NormLimit } from "../engine.ts";
import type { Context, Pipeline } from "./context.ts";
import { scalesSource, squaresSource } from "./norm_shader.ts";
import { NUMBERS } from "./page.ts";
import type { Binding, GradientSource, Job, Pass } from "./pass.ts";

/** Elements that one workgroup sums. */
const CHUNK = 2 ** 14;

/**
 * Computes the factors that bring the norms of gradients under a limit, and copies each to where the
 * update reads it: one dispatch for all small variables, one for each big one, and one for the factors.
 */
export class NormPass {
  readonly #context: Context;
  readonly #passes: readonly Pass[];
  readonly #isGlobal: boolean;
  readonly #sources: readonly Summing[];
  readonly #squares: GPUBuffer;
  readonly #scales: GPUBuffer;
  readonly #norms: GPUBuffer;
  readonly #normCount: number;
  readonly #scaling: Pipeline;
  readonly #scalingGroup: GPUBindGroup;
  readonly #groups = new WeakMap<readonly Binding[], GPUBindGroup>();

  constructor(context: Context, passes: readonly Pass[], members: number, limit: NormLimit) {
    this.#context = context;
    this.#passes = passes;
    this.#isGlobal = limit.kind === "global";
    const counts = new Uint32Array(members);
    const sources = passes.flatMap((pass) => pass.gradients());
    for (const { stretches } of sources) {
      for (const { member, elements } of stretches) counts[member]! += chunksOf(elements);
    }
    let total = 0;
    const firsts = counts.map((count) => (total += count) - count);
    const next = firsts.slice();
    this.#sources = sources.map((source) => {
      const rows = source.stretches.flatMap(({ member, gradient, sum, elements }) =>
        Array.from({ length: chunksOf(elements) }, (_, index) => {
          const start = index * CHUNK;
          const count = Math.min(CHUNK, elements - start);
          return [gradient + start, sum + start, count, next[member]!++];
        })
      );
      return {
        source,
        chunks: this.#filled(new Uint32Array(rows.flat())),
        count: rows.length,
        pipeline: context.compiled(
          squaresSource(source.share),
          "norm",
          source.share === undefined ? [READ, WRITE, READ] : [READ, WRITE, READ, WRITE],
        ),
      };
    });
    const norms = this.#isGlobal
      ? [0, total]
      : [...counts].flatMap((count, member) => [firsts[member]!, count]);
    this.#normCount = norms.length / 2;
    this.#norms = this.#filled(new Uint32Array(norms));
    this.#squares = context.device.createBuffer({ size: 8 * total, usage: NUMBERS });
    this.#scales = context.device.createBuffer({ size: 4 * this.#normCount, usage: NUMBERS });
    this.#scaling = context.compiled(scalesSource(limit.limit), "norm", [READ, WRITE, WRITE]);
    this.#scalingGroup = this.#bind(
      this.#scaling,
      [this.#norms, this.#squares, this.#scales].map((buffer) => ({ buffer })),
    );
  }

  /** Encodes the dispatches and the copies; gradients must be where the passes read them. */
  encode(encoder: GPUCommandEncoder, jobs: readonly Job[]): void {
    const compute = encoder.beginComputePass();
    for (const summing of this.#sources) {
      dispatch(compute, summing.pipeline, this.#groupOf(summing, jobs), summing.count);
    }
    dispatch(compute, this.#scaling, this.#scalingGroup, this.#normCount);
    compute.end();
    for (const { member, buffer, offset } of this.#passes.flatMap((pass) => pass.scales())) {
      encoder.copyBufferToBuffer(this.#scales, this.#isGlobal ? 0 : 4 * member, buffer, offset, 4);
    }
  }

  dispose(): void {
    for (const { chunks } of this.#sources) chunks.destroy();
    for (const buffer of [this.#squares, this.#scales, this.#norms]) buffer.destroy();
  }

  /** Gradients that lie where they lay before are bound as before. */
  #groupOf({ source, chunks, pipeline }: Summing, jobs: readonly Job[]): GPUBindGroup {
    const bindings = source.bindings(jobs);
    let group = this.#groups.get(bindings);
    if (group === undefined) {
      const own = [{ buffer: chunks }, { buffer: this.#squares }];
      this.#groups.set(bindings, group = this.#bind(pipeline, [...own, ...bindings]));
    }
    return group;
  }

  #bind({ layout }: Pipeline, bindings: readonly Binding[]): GPUBindGroup {
    const entries = bindings.map((resource, binding) => ({ binding, resource }));
    return this.#context.device.createBindGroup({ layout, entries });
  }

  #filled(values: Uint32Array<ArrayBuffer>): GPUBuffer {
    const { device } = this.#context;
    const buffer = device.createBuffer({ size: values.byteLength, usage: NUMBERS });
    device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  }
}

const READ = "read-only-storage", WRITE = "storage";

/** A source with what sums its squares. */
interface Summing {
  readonly source: GradientSource;
  readonly chunks: GPUBuffer;
  /** How many. */
  readonly count: number;
  readonly pipeline: Pipeline;
}

function dispatch(
  compute: GPUComputePassEncoder,
  { pipeline }: Pipeline,
  group: GPUBindGroup,
  workgroups: number,
): void {
  compute.setPipeline(pipeline);
  compute.setBindGroup(0, group);
  compute.dispatchWorkgroups(workgroups);
}

const chunksOf = (elements: number): number => Math.ceil(elements / CHUNK);
