import * as tf from "@tensorflow/tfjs-core";
import { chooseEngine } from "../engines/choose.ts";
import type { Engine, EngineName } from "../engines/engine.ts";
import type { Decay, Scalars } from "../rules/rule.ts";
import type { BoundRule } from "./bound_rule.ts";
import type { CommonOptions } from "./common_options.ts";
import { type Description, measureEngines, withTable } from "./describe.ts";
import {
  type NamedGradients,
  resolveGradients,
  type VariableGradient,
  withoutLeaks,
} from "./gradients.ts";
import { checkOption, type OptionTable, resolveOptions } from "./options.ts";
import { decodeWeights, encodeWeights, type NamedTensor } from "./saved_weights.ts";
import { StateStore } from "./state_store.ts";

/** A tf.Optimizer that runs an update rule: state by variable name, checks, saving and resuming. */
export abstract class RuleOptimizer<
  Options extends Required<CommonOptions> = Required<CommonOptions>,
> extends tf.Optimizer {
  /** All options, with their present values. */
  protected readonly options: Options;
  readonly #table: OptionTable<Options>;
  readonly #store = new StateStore();
  #exported: NamedTensor[] = [];
  #engine: Engine | undefined;
  #skippedSteps = 0;

  constructor(table: OptionTable<Options>, options: Partial<Options>) {
    super();
    this.#table = table;
    this.options = resolveOptions(this.getClassName(), table, options);
  }

  /** The rule that the present options ask for. */
  protected abstract rule(): BoundRule;

  /** Step size, > 0. A new value takes effect at the next step. */
  get learningRate(): number {
    return this.options.learningRate;
  }
  set learningRate(value: number) {
    this.setOption("learningRate", value);
  }

  /** Weight decay, >= 0. A new value takes effect at the next step. */
  get weightDecay(): number {
    return this.options.weightDecay;
  }
  set weightDecay(value: number) {
    this.setOption("weightDecay", value);
  }

  /** The engine that ran the last step, or undefined before the first. */
  get engine(): EngineName | undefined {
    return this.#engine?.name;
  }

  /** How many steps `onNonFinite: "skip"` has left out. */
  get skippedSteps(): number {
    return this.#skippedSteps;
  }

  /** How many steps the variable of this name has made: steps without a gradient do not count. */
  stepsOf(variableName: string): number {
    return this.#store.stepOf(variableName);
  }

  /**
   * Computes the gradients of `f` and makes a step.
   *
   * @param f gives the scalar to minimize
   * @param returnCost whether to return that scalar
   * @param varList the variables to move; all trainable ones if left out
   */
  override minimize(
    f: () => tf.Scalar,
    returnCost = false,
    varList?: tf.Variable[],
  ): tf.Scalar | null {
    const { value, grads } = withoutLeaks(() => this.computeGradients(f, varList));
    let done = false;
    try {
      this.applyGradients(grads);
      done = true;
    } finally {
      tf.dispose(grads);
      if (!done || !returnCost) value.dispose();
    }
    return returnCost ? value : null;
  }

  /**
   * Makes a step with gradients of one's own. A variable without a gradient does not move, nor does
   * its step count.
   *
   * @param variableGradients gradients by variable name, or a list of `{ name, tensor }`; not disposed
   * @throws {Error} if a name is no variable's, or type or shape do not fit; nothing has changed then
   */
  override applyGradients(variableGradients: NamedGradients): void {
    const gradients = resolveGradients(this.getClassName(), variableGradients);
    const engine = chooseEngine(this.options.engine);
    if (this.options.onNonFinite !== "propagate" && this.#leavesOut(engine, gradients)) return;
    const { rule, scalars } = this.rule();
    const states = this.#store.prepare(gradients.map(({ variable }) => variable), rule, engine);
    const scalarsAt = new Map<number, Scalars>();
    engine.step(gradients.map(({ variable, gradient }, index) => {
      const { slots, step } = states[index]!;
      if (!scalarsAt.has(step)) scalarsAt.set(step, scalars(step + 1));
      return { rule, scalars: scalarsAt.get(step)!, variable, gradient, state: slots };
    }));
    for (const state of states) state.step++;
    this.#engine = engine;
    this.incrementIterations();
  }

  /** Whether the policy for NaN and infinity leaves out this step. */
  #leavesOut(engine: Engine, gradients: readonly VariableGradient[]): boolean {
    const index = engine.firstNonFinite(gradients.map(({ gradient }) => gradient));
    if (index < 0) return false;
    if (this.options.onNonFinite === "skip") {
      this.#skippedSteps++;
      return true;
    }
    const { variable, gradient } = gradients[index]!;
    const value = gradient.dataSync().find((value) => !Number.isFinite(value));
    throw new Error(
      `Cannot apply gradients with ${this.getClassName()}: the gradient of "${variable.name}" ` +
        `must be finite (onNonFinite: "error"), got ${value}`,
    );
  }

  /**
   * What the optimizer does with the given variables: step counts, rates, bytes of state, and how
   * fast the engine it will run on is beside the others, which is measured (a tenth of a second).
   * Printed as a string it is a table.
   *
   * @param variables such as `model.trainableWeights.map((weight) => weight.read())`
   */
  describe(variables: readonly tf.Tensor[]): Description {
    const { rule, scalars } = this.rule();
    const named = variables as readonly tf.Variable[];
    return withTable({
      optimizer: this.getClassName(),
      engine: chooseEngine(this.options.engine).name,
      speeds: measureEngines(rule, scalars(1)),
      variables: named.map(({ name, shape, size }) => ({
        variable: name,
        shape: [...shape],
        parameters: size,
        steps: this.stepsOf(name),
        learningRate: this.learningRate,
        weightDecay: this.weightDecay,
        stateBytes: 4 * size * rule.slots.length,
      })),
    });
  }

  /**
   * Waits for the device, and throws what went wrong there: a lost device, a failed validation, a
   * lack of memory. Without this call, it is thrown by the next step.
   */
  async check(): Promise<void> {
    await this.#engine?.check?.();
  }

  /**
   * Brings the state and the variables it belongs to from a device into plain memory, so that
   * training can go on after `tf.setBackend`. The next step takes them to where it runs.
   */
  async offload(): Promise<void> {
    await this.#store.offload();
  }

  /**
   * The whole state as named tensors, with those of variables that have not come back since it was
   * loaded. The tensors stay the optimizer's: they are disposed at the next call or by `dispose()`,
   * because `model.save` asks for them and never disposes of them.
   */
  override async getWeights(): Promise<NamedTensor[]> {
    const states = await this.#store.save();
    this.#disposeExported();
    this.#exported = encodeWeights(
      this.getClassName(),
      this.iterations,
      this.rule().rule.slots,
      states,
    );
    for (const { tensor } of this.#exported) tf.keep(tensor);
    return [...this.#exported];
  }

  /**
   * Replaces the whole state by a saved one. Each variable takes up its part at its next step, also
   * if its layer's name has gained a suffix since; a variable that was not saved starts anew.
   *
   * @param weights what `getWeights` gave; not disposed
   * @throws {Error} if the state does not fit, naming the variable; the old state is kept then
   */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    const { iterations, states } = await decodeWeights(
      this.getClassName(),
      this.rule().rule.slots,
      weights,
    );
    this.#store.load(states);
    this.iterations_ = iterations;
  }

  /** The options as plain data, for `fromConfig` and `model.save`. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...this.options } as tf.serialization.ConfigDict;
  }

  /** Builds an optimizer from what `getConfig` gave. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const { customObjects: _, ...options } = config; // added by loadLayersModel
    return new cls(options);
  }

  /** Frees all state. The optimizer may be used again and starts anew. */
  override dispose(): void {
    this.#store.dispose();
    this.#disposeExported();
    this.iterations_ = 0;
  }

  /** Sets a numeric option after checking it. */
  protected setOption<Name extends keyof Options & string>(
    name: Name,
    value: Options[Name],
  ): void {
    checkOption(`Cannot change ${this.getClassName()}`, this.#table, name, value);
    this.options[name] = value;
  }

  /** How the present options let weight decay in. */
  protected get decay(): Decay {
    if (this.options.weightDecay === 0) return "none";
    return this.options.decoupledWeightDecay ? "decoupled" : "coupled";
  }

  #disposeExported(): void {
    for (const { tensor } of this.#exported) tensor.dispose();
    this.#exported = [];
  }
}
