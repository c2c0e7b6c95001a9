import * as tf from "@tensorflow/tfjs-core";
import { chooseEngine } from "../engines/choose.ts";
import { accumulatorOf, type Engine, type EngineName } from "../engines/engine.ts";
import { hasFilter } from "../rules/observation.ts";
import { ACCUMULATOR, type Preparation } from "../rules/prepared.ts";
import { Averages } from "./averages.ts";
import type { CommonOptions } from "./common_options.ts";
import { type Description, measureEngines, withTable } from "./describe.ts";
import { ExportedWeights } from "./exported_weights.ts";
import {
  type GradientTeam,
  type NamedGradients,
  nonFinite,
  resolveGradients,
  type VariableGradient,
  withoutLeaks,
} from "./gradients.ts";
import { type Group, PLAIN } from "./groups.ts";
import { type LearningRate, rateAt } from "./learning_rate.ts";
import type { StepObserver } from "./observe_filter.ts";
import { checkOption, type OptionTable, resolveOptions } from "../options/options.ts";
import type { InForce, RuleOf } from "./rule_of.ts";
import { decodeOptions, encodeOptions } from "./saved_config.ts";
import { decodeWeights, encodeWeights, type NamedTensor } from "./saved_weights.ts";
import { type GroupStep, StepRules } from "./step_rules.ts";
import { StateStore } from "./state_store.ts";
import { isTrueInstance } from "./true_instances.ts";

/** A tf.Optimizer that runs an update rule: state by variable name, checks, saving and resuming. */
export abstract class RuleOptimizer<
  Options extends Required<CommonOptions> = Required<CommonOptions>,
> extends tf.Optimizer {
  /** All options, with their present values. */
  protected readonly options: Options;
  readonly #table: OptionTable<Options>;
  readonly #store = new StateStore();
  readonly #averages = new Averages(this.#store);
  readonly #steps: StepRules<Options>;
  readonly #exported = new ExportedWeights();
  #engine: Engine | undefined;
  #skippedSteps = 0;
  #observer: StepObserver | undefined;
  #team: GradientTeam | undefined;

  /** Makes `instanceof` mean what it says, for subclasses too; tfjs's own goes by methods. */
  static override [Symbol.hasInstance](instance: unknown): boolean {
    return isTrueInstance(this, instance);
  }

  /**
   * An optimizer that has taken no step yet.
   *
   * @param table the options there are
   * @param options see {@link Options}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(table: OptionTable<Options>, options: Partial<Options>) {
    super();
    this.#table = table;
    this.options = resolveOptions(this.getClassName(), table, options);
    this.#steps = new StepRules<Options>(
      this.getClassName(),
      table,
      this.options,
      { ruleOf: (options) => this.rule(options) },
    );
  }

  /** The rule that options ask for. */
  protected abstract rule(options: Options): RuleOf<InForce<Options>>;

  /** The step size in force. A new value, a number or a schedule, takes effect at the next step. */
  get learningRate(): number {
    return rateAt(this.getClassName(), this.options.learningRate, this.iterations);
  }
  set learningRate(value: LearningRate) {
    this.setOption("learningRate", value);
  }

  /**
   * Sets the step size, as tfjs's own optimizers have it; the same as `learningRate = value`.
   *
   * @param value a finite number > 0, or a schedule
   * @throws {RangeError} if it is none of these
   */
  setLearningRate(value: LearningRate): void {
    this.learningRate = value;
  }

  /** Whether the learning rate follows a schedule. */
  get isScheduled(): boolean {
    return typeof this.options.learningRate === "function";
  }

  /** Whether the filter of SGDF is part of what it does. */
  get isFiltering(): boolean {
    return hasFilter(this.rule(this.options));
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

  /**
   * Bytes of state that are held now. The engines hold them in memory of their own, which `tf.memory()` does
   * not count; `dispose()` frees them.
   */
  get stateBytes(): number {
    return this.#store.bytes;
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
   * Makes a step. A variable without a gradient does not move, nor does its step count.
   *
   * @param variableGradients gradients by variable name, or a list of `{ name, tensor }`; not disposed
   * @throws {Error} if a name is no variable's, or type or shape do not fit; nothing has changed then
   */
  override applyGradients(variableGradients: NamedGradients): void {
    this.#averages.requireOut(`apply gradients with ${this.getClassName()}`);
    const given = resolveGradients(this.getClassName(), variableGradients);
    const engine = chooseEngine(this.options.engine), team = this.#team;
    const isStep = this.#store.accumulated + 1 >= this.options.gradientAccumulationSteps;
    // Over a team, what is looked at for NaN is the sum; where that is far off, each rank's part of it.
    const looksFirst = team === undefined || this.#steps.accumulates;
    if (this.#leavesOut(engine, given, team, looksFirst)) return team?.leaveOut();
    const late = isStep ? this.#store.accumulating(given.map(({ variable }) => variable)) : [];
    const zeros = late.map((variable) => ({ variable, gradient: tf.zerosLike(variable) }));
    const own = [...given, ...zeros];
    const gradients = team === undefined ? own : this.#ofTeam(team, engine, own, isStep);
    try {
      if (!looksFirst && this.#leavesOut(engine, gradients)) return;
      this.#step(engine, gradients, isStep);
    } finally {
      for (const { gradient } of zeros) gradient.dispose();
      if (gradients !== own) { for (const { gradient } of gradients) gradient.dispose(); }
    }
    this.#engine = engine;
    this.#store.accumulated = isStep ? 0 : this.#store.accumulated + 1;
    if (isStep) this.incrementIterations();
  }

  /**
   * Lets gradients be summed over several processes; see `distributed`, which calls this.
   *
   * @param team sums them
   */
  sumGradients(team: GradientTeam): void {
    this.#team = team;
  }

  /**
   * Brings the sums of gradients that wait for a step from all ranks to one: what `distributed` keeps on
   * each rank until the step is then in that one's state.
   *
   * @param sum sums over ranks in place; without it each rank goes on with its own
   * @param keeps whether this rank keeps the sums, where others begin anew
   */
  async gatherSums(sum: (values: Float32Array) => void, keeps: boolean): Promise<void> {
    const { accumulated } = this.#store, slot = this.#steps.slots.indexOf(ACCUMULATOR);
    if (accumulated === 0 || slot < 0) return;
    const states = await this.#store.save();
    for (const { values } of states) {
      sum(values[slot]!);
      if (!keeps) values[slot]!.fill(0);
    }
    this.#store.load(states);
    this.#store.accumulated = accumulated;
  }

  /** The gradients of all ranks, or before the step this rank's part of them. */
  #ofTeam(
    team: GradientTeam,
    engine: Engine,
    own: readonly VariableGradient[],
    isStep: boolean,
  ): VariableGradient[] {
    const gradients = own.map(({ gradient }) => gradient);
    const tensors = isStep
      ? team.sum(gradients, this.#takeSums(engine, own))
      : team.part(gradients);
    return own.map(({ variable }, index) => ({ variable, gradient: tensors[index]! }));
  }

  /** Takes out what this rank has summed of its own. */
  #takeSums(engine: Engine, gradients: readonly VariableGradient[]): Float32Array[] {
    if (!this.#steps.accumulates) return [];
    const variables = gradients.map(({ variable }) => variable);
    const rules = this.#groupSteps(variables, "apply").map(({ rule }) => rule);
    return this.#store.prepare(variables, rules, engine)
      .map((state, index) => this.#store.takeSlot(state, accumulatorOf(rules[index]!)));
  }

  /** What each variable's group does at this step. */
  #groupSteps(
    variables: readonly tf.Variable[],
    accumulate: Preparation["accumulate"],
  ): GroupStep[] {
    const parts = new Map<Group, GroupStep>();
    return this.#steps.groupsOf(variables).map((group) => {
      const known = parts.get(group);
      if (known !== undefined) return known;
      const part = this.#steps.groupStep(group, accumulate, this.iterations);
      parts.set(group, part);
      return part;
    });
  }

  #step(engine: Engine, gradients: readonly VariableGradient[], isStep: boolean): void {
    const variables = gradients.map(({ variable }) => variable);
    const accumulate = this.#steps.accumulates ? isStep ? "apply" : "add" : "none";
    const parts = this.#groupSteps(variables, accumulate);
    const states = this.#store.prepare(variables, parts.map(({ rule }) => rule), engine);
    const work = gradients.map(({ variable, gradient }, index) => {
      const { slots, step } = states[index]!, { rule, scalars } = parts[index]!;
      return { rule, scalars: scalars(step + 1), variable, gradient, state: slots };
    });
    if (isStep && this.#observer !== undefined) {
      const observer = this.#observer;
      this.#observer = undefined;
      observer(engine, work, states.map(({ step }) => step + 1));
    }
    engine.step(work, accumulate === "add" ? undefined : this.#steps.normLimit);
    for (const state of states) {
      if (isStep) state.step++;
      state.isAccumulating = !isStep;
    }
  }

  /** Shows the next step to an observer before it is made: what GainMonitor looks through. */
  observeNextStep(observer: StepObserver): void {
    this.#observer = observer;
  }

  /**
   * Whether the policy for NaN and infinity leaves out these gradients.
   *
   * @param team whose ranks decide together
   * @param looks whether the gradients are to be looked at
   */
  #leavesOut(
    engine: Engine,
    gradients: readonly VariableGradient[],
    team?: GradientTeam,
    looks = true,
  ): boolean {
    const tensors = gradients.map(({ gradient }) => gradient), { onNonFinite } = this.options;
    const index = looks && onNonFinite !== "propagate" ? engine.firstNonFinite(tensors) : -1;
    const isBad = team?.meet(tensors, index >= 0) ?? index >= 0;
    if (!isBad) return false;
    if (onNonFinite === "skip") {
      this.#skippedSteps++;
      return true;
    }
    if (index >= 0) throw nonFinite(this.getClassName(), gradients[index]!);
    throw new Error(
      `Cannot apply gradients with ${this.getClassName()}: those of another rank must be finite ` +
        `(onNonFinite: "error")`,
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
    const named = variables as readonly tf.Variable[];
    const groups = this.#steps.groupsOf(named);
    const { rule, scalars } = this.#steps.groupStep(
      PLAIN,
      this.#steps.accumulates ? "apply" : "none",
      this.iterations,
    );
    return withTable({
      optimizer: this.getClassName(),
      engine: chooseEngine(this.options.engine).name,
      speeds: measureEngines(rule, scalars(1)),
      heldBytes: this.stateBytes,
      variables: named.map((variable, index) => ({
        ...this.#steps.describe(variable, groups[index]!, this.iterations),
        steps: this.stepsOf(variable.name),
      })),
    });
  }

  /** Puts the parameters' averages in their place, until `swapOut`. Only with `useEma`. */
  async swapIn(): Promise<void> {
    if (!this.options.useEma) {
      throw new Error(
        `Cannot swap in averages of ${this.getClassName()}: useEma must be true, got false`,
      );
    }
    await this.#averages.swapIn(this.#steps.slots.length - 1);
  }

  /** Puts the parameters back that `swapIn` replaced; does nothing without it. */
  swapOut(): void {
    this.#averages.swapOut();
  }

  /**
   * Waits for the device, and throws what went wrong there: a lost device, a failed validation, a
   * lack of memory. Without this call, it is thrown by the next step.
   */
  async check(): Promise<void> {
    await this.#engine?.check?.();
  }

  /**
   * Brings state and variables from a device into plain memory, so that training can go on after
   * `tf.setBackend`. The next step takes them to where it runs.
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
    const { slots, accumulates } = this.#steps;
    const accumulated = accumulates ? this.#store.accumulated : undefined;
    return this.#exported.replace(() =>
      encodeWeights(this.getClassName(), this.iterations, slots, states, accumulated)
    );
  }

  /**
   * Replaces the whole state by a saved one. Each variable takes up its part at its next step, also
   * if its layer's name has gained a suffix since; a variable that was not saved starts anew.
   *
   * @param weights what `getWeights` gave; not disposed
   * @throws {Error} if the state does not fit, naming the variable; the old state is kept then
   */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    this.#averages.requireOut(`load state into ${this.getClassName()}`);
    const { iterations, accumulated, states } = await decodeWeights(
      this.getClassName(),
      this.#steps.slots,
      weights,
    );
    this.#store.load(states);
    this.#store.accumulated = accumulated;
    this.iterations_ = iterations;
  }

  /** The options as plain data, for `fromConfig` and `model.save`. */
  override getConfig(): tf.serialization.ConfigDict {
    return encodeOptions(
      this.getClassName(),
      this.options,
      this.learningRate,
      this.#store.variables(),
    );
  }

  /** Builds an optimizer from what `getConfig` gave. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const { customObjects: _, ...options } = config; // added by loadLayersModel
    return new cls(decodeOptions(options));
  }

  /** Frees all state. The optimizer may be used again and starts anew. */
  override dispose(): void {
    this.#averages.swapOut();
    this.#store.dispose();
    this.#exported.dispose();
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
}
