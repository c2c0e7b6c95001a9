import type { AnyRule } from "../../rules/rule.ts";
import { Faults } from "./faults.ts";
import { bindingsOf, type Layout, shaderSource, type Width } from "./shader.ts";

/** A compiled pass. */
export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** A plan, as its context and pages know it. */
export interface KeptPlan {
  /** Whether it reads or writes a page. */
  uses(page: object): boolean;
  dispose(): void;
}

/** The limits that plans keep to. */
export type Limits = Pick<
  GPUSupportedLimits,
  | "maxBufferSize"
  | "maxComputeWorkgroupsPerDimension"
  | "maxStorageBufferBindingSize"
  | "minStorageBufferOffsetAlignment"
>;

/** What the engine keeps for one device. */
export class Context {
  readonly faults: Faults;
  /** Plans of the latest sets of variables, the one used last at the end. */
  readonly plans = new Map<string, KeptPlan>();
  readonly #pipelines: Map<string, Pipeline>;
  readonly #known = new Map<string, Pipeline>();
  readonly #ids = new WeakMap<object, number>();
  #lastId = 0;
  /** States that live on the device. */
  states = 0;
  /** What the device can bind and dispatch at most. */
  limits: Limits;

  constructor(readonly device: GPUDevice) {
    this.faults = new Faults(device);
    this.limits = device.limits;
    this.#pipelines = pipelines.get(device) ?? new Map();
    pipelines.set(device, this.#pipelines);
  }

  /** The pipeline of a pass. */
  pipeline(rule: AnyRule, layout: Layout, width: Width): Pipeline {
    const key = `${this.idOf(rule)} ${layout} ${width}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      known = this.#compiled(rule, layout, width);
      this.#known.set(key, known);
    }
    return known;
  }

  #compiled(rule: AnyRule, layout: Layout, width: Width): Pipeline {
    const bindings = bindingsOf(rule, layout);
    const most = this.device.limits.maxStorageBuffersPerShaderStage;
    if (bindings.length > most) {
      throw new Error(
        `Cannot run ${rule.name} on this WebGPU device: it needs ${bindings.length} storage buffers, ` +
          `for ${
            bindings.map(({ name }) => name).join(", ")
          }; the device allows ${most}. Leave out ` +
          `amsgrad, useEma or gradientAccumulationSteps, or use engine: "portable"`,
      );
    }
    return this.compiled(shaderSource(rule, layout, width), rule.name, [
      "uniform",
      ...bindings.map(({ writable }) =>
        writable ? "storage" as const : "read-only-storage" as const
      ),
    ]);
  }

  /**
   * The pipeline of a shader, compiled once for each text.
   *
   * @param name the entry point
   * @param bindings what is bound, in order
   */
  compiled(code: string, name: string, bindings: readonly GPUBufferBindingType[]): Pipeline {
    let known = this.#pipelines.get(code);
    if (known === undefined) {
      const { device } = this;
      known = this.faults.guard(`compiling the shader of ${name}`, () => {
        const bindGroupLayout = device.createBindGroupLayout({
          entries: bindings.map((type, binding) => ({
            binding,
            visibility: 4, // GPUShaderStage.COMPUTE
            buffer: { type },
          })),
        });
        return {
          layout: bindGroupLayout,
          pipeline: device.createComputePipeline({
            label: name,
            layout: device.createPipelineLayout({ bindGroupLayouts: [bindGroupLayout] }),
            compute: { module: device.createShaderModule({ code }), entryPoint: name },
          }),
        };
      });
      this.#pipelines.set(code, known);
    }
    return known;
  }

  /** A number for an object, the same at every call. */
  idOf(object: object): number {
    let id = this.#ids.get(object);
    if (id === undefined) this.#ids.set(object, id = ++this.#lastId);
    return id;
  }

  dispose(): void {
    this.faults.dispose();
    for (const plan of this.plans.values()) plan.dispose();
    this.plans.clear();
  }
}

/** Compiled passes by their text; they outlive the optimizers that asked for them. */
const pipelines = new WeakMap<GPUDevice, Map<string, Pipeline>>();

const contexts = new WeakMap<GPUDevice, Context>();

/** The context of a device, made at the first call and after it was given up. */
export function contextOf(device: GPUDevice): Context {
  let context = contexts.get(device);
  if (context === undefined) contexts.set(device, context = new Context(device));
  return context;
}

/** Counts a state out; the last one of a device takes the listeners with it. */
export function releaseState(context: Context): void {
  if (--context.states > 0) return;
  context.dispose();
  contexts.delete(context.device);
}
