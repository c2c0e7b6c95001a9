import * as tf from "@tensorflow/tfjs-core";
import { chooseEngine } from "../engines/choose.ts";
import type { Engine, EngineName } from "../engines/engine.ts";
import { denoise } from "../rules/denoise.ts";
import { FILTER_SLOTS as SLOTS } from "../rules/filter.ts";
import type { Scalars } from "../rules/rule.ts";
import type { CommonOptions } from "./common_options.ts";
import { commonOptions } from "./common_options.ts";
import { ExportedWeights } from "./exported_weights.ts";
import { FILTER_OPTIONS, type FilterOptions } from "./filter_options.ts";
import { filterFormOf } from "./forms.ts";
import { type NamedGradients, resolveGradients } from "./gradients.ts";
import type { StepObserver } from "./observe_filter.ts";
import { type OptionTable, resolveOptions } from "../options/options.ts";
import { memoized } from "./rule_of.ts";
import { decodeOptions, encode } from "./saved_config.ts";
import { decodeWeights, encodeWeights, type NamedTensor } from "./saved_weights.ts";
import { scratchVariables } from "./scratch.ts";
import { StateStore } from "./state_store.ts";
import { tensorsIn } from "./tfjs_fields.ts";
import { RuleOptimizer } from "./rule_optimizer.ts";
import { isScheduled, type LearningRate, presentRate, setInnerRate } from "./learning_rate.ts";
import { show } from "../options/check.ts";
import { isTrueInstance } from "./true_instances.ts";
import { pure } from "../pure.ts";
import { registered } from "../registered.ts";

/** Options of {@link filtered}: the filter's, and how it runs. */
export type FilteredOptions = Omit<FilterOptions, Exclude<keyof CommonOptions, "engine">>;

const OPTIONS: OptionTable<Required<FilteredOptions>> = /* @__PURE__ */ pure(() => ({
  ...FILTER_OPTIONS,
  engine: commonOptions({ learningRate: 1 }).engine,
}));

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

/** Begins the names of the filter's own state; the rest is the inner optimizer's. */
const OWN = "filtered/";

const ruleOf = /* @__PURE__ */ memoized(denoise);

/**
 * Puts the filter of SGDF in front of any optimizer: it sees the denoised gradient
 * `mhat + K^gamma (g - mhat)` in the place of g (arXiv 2311.02818, 2603.06120). One fused pass
 * before the inner optimizer's own; state: two numbers a parameter more.
 */
export class Filtered extends tf.Optimizer {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  /** Name in saved models. */
  static get className(): string {
    return "Filtered";
  }

  /** Makes `instanceof` mean what it says; tfjs's own goes by methods. */
  static override [Symbol.hasInstance](instance: unknown): boolean {
    return isTrueInstance(this, instance);
  }

  /** The optimizer that makes the steps. */
  readonly inner: tf.Optimizer;
  readonly #options: Required<FilteredOptions>;
  readonly #store = new StateStore();
  #engine: Engine | undefined;
  readonly #exported = new ExportedWeights();
  #observer: StepObserver | undefined;

  /**
   * An optimizer that has taken no step yet.
   *
   * @param inner any optimizer, of tfjs or one's own; it becomes this one's and is disposed with it
   * @param options see {@link FilteredOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option, or `inner` is no optimizer or filters already
   */
  constructor(inner: tf.Optimizer, options: FilteredOptions = {}) {
    super();
    const filters = inner instanceof Filtered ||
      inner instanceof RuleOptimizer && inner.isFiltering;
    if (!isObject(inner) || !(inner instanceof tf.Optimizer) || filters) {
      throw new TypeError(
        `Cannot create Filtered: inner must be an optimizer without a filter, such as ` +
          `tf.train.adam(), got ${
            filters ? `${inner.getClassName()}, which has one` : show(inner)
          }`,
      );
    }
    this.inner = inner;
    this.#options = resolveOptions<Required<FilteredOptions>>("Filtered", OPTIONS, options);
  }

  /** The engine that ran the last pass of the filter, or undefined before the first. */
  get engine(): EngineName | undefined {
    return this.#engine?.name;
  }

  /**
   * The inner optimizer's step size in force, or undefined if it tells none. A new value takes effect at
   * the next step: a finite number > 0, or a schedule where the inner optimizer is one of this library's.
   */
  get learningRate(): number | undefined {
    return presentRate(this.inner);
  }
  set learningRate(value: LearningRate) {
    setInnerRate("Filtered", this.inner, value);
  }

  /**
   * Sets the inner optimizer's step size; the same as `learningRate = value`.
   *
   * @param value a finite number > 0, or a schedule where the inner optimizer takes one
   * @throws {RangeError} if it is none of these
   */
  setLearningRate(value: LearningRate): void {
    this.learningRate = value;
  }

  /** Whether the learning rate follows a schedule. */
  get isScheduled(): boolean {
    return isScheduled(this.inner);
  }

  /** Bytes of the filter's state, which `tf.memory()` does not count. */
  get stateBytes(): number {
    return this.#store.bytes;
  }

  /** How many gradients of the variable of this name the filter has seen. */
  stepsOf(variableName: string): number {
    return this.#store.stepOf(variableName);
  }

  /**
   * Filters gradients and makes the inner optimizer's step with them. A variable without a gradient
   * does not move, nor does its filter.
   *
   * @param variableGradients gradients by variable name, or a list of `{ name, tensor }`; not disposed
   * @throws {Error} if a name is no variable's, or type or shape do not fit; nothing has changed then
   */
  override applyGradients(variableGradients: NamedGradients): void {
    const gradients = resolveGradients("Filtered", variableGradients);
    const engine = chooseEngine(this.#options.engine);
    const rule = ruleOf(filterFormOf(this.#options));
    const states = this.#store.prepare(
      gradients.map(({ variable }) => variable),
      gradients.map(() => rule),
      engine,
    );
    const estimates = scratchVariables(gradients.map(({ gradient }) => gradient));
    try {
      const scalarsAt = new Map<number, Scalars>();
      const work = gradients.map(({ gradient }, index) => {
        const { slots, step } = states[index]!;
        if (!scalarsAt.has(step)) scalarsAt.set(step, rule.scalars(this.#options, step + 1));
        const scalars = scalarsAt.get(step)!;
        return { rule, scalars, variable: estimates[index]!, gradient, state: slots };
      });
      const observer = this.#observer;
      this.#observer = undefined;
      observer?.(
        engine,
        work.map((item, index) => ({ ...item, variable: gradients[index]!.variable })),
        states.map(({ step }) => step + 1),
      );
      engine.step(work);
      for (const state of states) state.step++;
      this.#engine = engine;
      // tfjs's own optimizers keep their state by position: every variable has its place at every step.
      const given = new Map(gradients.map(({ variable }, index) => [variable.name, index]));
      this.inner.applyGradients(
        this.#store.names().map((name) => {
          const index = given.get(name);
          return {
            name,
            tensor: index === undefined ? null as unknown as tf.Tensor : estimates[index]!,
          };
        }),
      );
      this.incrementIterations();
    } finally {
      tf.dispose(estimates);
    }
  }

  /** Shows the next step to an observer before it is made: what GainMonitor looks through. */
  observeNextStep(observer: StepObserver): void {
    this.#observer = observer;
  }

  /** Waits for the device, and throws what went wrong there. */
  async check(): Promise<void> {
    await this.#engine?.check?.();
  }

  /** Brings the state, the inner optimizer's too, into plain memory, so that `tf.setBackend` may follow. */
  async offload(): Promise<void> {
    await this.#store.offload();
    if (this.inner instanceof RuleOptimizer) return await this.inner.offload();
    // A tensor that was read once can be read without waiting.
    await Promise.all(tensorsIn({ ...this.inner }).map((tensor) => tensor.data()));
  }

  /**
   * A filter with the same options and a copy of this one's state.
   *
   * @param inner the optimizer behind it, not this one's
   */
  async copy(inner: tf.Optimizer): Promise<Filtered> {
    const copy = new Filtered(inner, this.#options);
    copy.#store.load(
      (await this.#store.save()).map((state) => ({
        ...state,
        values: state.values.map((values) => values.slice()),
      })),
    );
    copy.iterations_ = this.iterations;
    return copy;
  }

  /**
   * The filter's state and the inner optimizer's as named tensors. Those of the filter stay its own:
   * they are disposed at the next call or by `dispose()`.
   */
  override async getWeights(): Promise<NamedTensor[]> {
    const states = await this.#store.save();
    const own = this.#exported.replace(() =>
      encodeWeights("Filtered", this.iterations, SLOTS, states)
        .map(({ name, tensor }) => ({ name: OWN + name, tensor }))
    );
    return [...own, ...await this.inner.getWeights()];
  }

  /**
   * Replaces the whole state by a saved one.
   *
   * @param weights what `getWeights` gave; not disposed
   * @throws {Error} if the state does not fit
   */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    const own = weights.filter(({ name }) => name.startsWith(OWN))
      .map(({ name, tensor }) => ({ name: name.slice(OWN.length), tensor }));
    const { iterations, states } = await decodeWeights("Filtered", SLOTS, own);
    await this.inner.setWeights(weights.filter(({ name }) => !name.startsWith(OWN)));
    this.#store.load(states);
    this.iterations_ = iterations;
  }

  /** The filter's options and the inner optimizer's configuration, for `fromConfig`. */
  override getConfig(): tf.serialization.ConfigDict {
    const inner = { className: this.inner.getClassName(), config: this.inner.getConfig() };
    return { ...this.#options, inner: encode(inner) };
  }

  /** Builds an optimizer from what `getConfig` gave. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const { customObjects: _, inner, ...options } = decodeOptions(config);
    const { className, config: innerConfig } = inner as {
      className: string;
      config: tf.serialization.ConfigDict;
    };
    const known = tf.serialization.SerializationMap.getMap().classNameMap[className];
    if (known === undefined) {
      throw new Error(
        `Cannot load Filtered: its inner optimizer "${className}" is not registered; call ` +
          `tf.serialization.registerClass first`,
      );
    }
    const [innerClass, fromConfig] = known;
    return new cls(fromConfig(innerClass, innerConfig), options);
  }

  /** Frees the filter's state and disposes of the inner optimizer. */
  override dispose(): void {
    this.#store.dispose();
    this.#exported.dispose();
    this.inner.dispose();
    this.iterations_ = 0;
  }
}

/**
 * Puts the filter in front of an optimizer, see {@link Filtered}.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-layers"; // registers the gradients
 * import "@tensorflow/tfjs-backend-cpu";
 * import { filtered } from "@signalfit/tfjs";
 *
 * const x = tf.variable(tf.tensor1d([3, -4]));
 * const optimizer = filtered(tf.train.rmsprop(0.05));
 * for (let step = 0; step < 200; step++) optimizer.minimize(() => tf.sum(tf.square(x)));
 * x.print(); // near [0, 0]
 * ```
 *
 * @param inner any optimizer; it becomes this one's
 * @param options beta1, beta2, epsilon, gamma, varianceCorrection, engine
 */
export function filtered(inner: tf.Optimizer, options?: FilteredOptions): Filtered {
  return new Filtered(inner, options);
}
