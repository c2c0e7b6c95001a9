import { momentum as momentumRule } from "../rules/momentum.ts";
import { decayRate, flag, type OptionTable } from "../options/options.ts";
import { decayOf } from "./forms.ts";
import { type InForce, memoized, type RuleOf } from "./rule_of.ts";
import { type CommonOptions, commonOptions } from "./common_options.ts";
import { RuleOptimizer } from "./rule_optimizer.ts";
import { pure } from "../pure.ts";
import { registered } from "../registered.ts";

/** Options of {@link momentum}. The learning rate defaults to 0.01. */
export interface MomentumOptions extends CommonOptions {
  /**
   * Share of the velocity that is kept, in [0, 1).
   * @default 0.9
   */
  momentum?: number;
  /**
   * Look ahead by one step (Nesterov).
   * @default false
   */
  nesterov?: boolean;
}

/** Its options. */
export const OPTIONS: OptionTable<Required<MomentumOptions>> = /* @__PURE__ */ pure(() => ({
  ...commonOptions({ learningRate: 0.01 }),
  momentum: decayRate(0.9),
  nesterov: flag(false),
}));

const ruleOf = /* @__PURE__ */ memoized(momentumRule);

/**
 * Stochastic gradient descent with heavy-ball or Nesterov momentum:
 * `velocity = momentum velocity + g`, `parameter -= learningRate velocity`, or with `nesterov`
 * `parameter -= learningRate (g + momentum velocity)`. State: one number a parameter.
 */
export class Momentum extends RuleOptimizer<Required<MomentumOptions>> {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  /** Name in saved models; tfjs has a "Momentum" of its own. */
  static get className(): string {
    return "SignalfitMomentum";
  }

  /**
   * An optimizer that has taken no step yet.
   *
   * @param options see {@link MomentumOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: MomentumOptions = {}) {
    super(OPTIONS, options);
  }

  /** Share of the velocity that is kept, in [0, 1). */
  get momentum(): number {
    return this.options.momentum;
  }
  set momentum(value: number) {
    this.setOption("momentum", value);
  }

  /** @internal */
  protected override rule(
    options: Required<MomentumOptions>,
  ): RuleOf<InForce<Required<MomentumOptions>>> {
    return ruleOf({ decay: decayOf(options), nesterov: options.nesterov });
  }
}

/**
 * Creates a {@link Momentum} optimizer.
 *
 * @param options learning rate, momentum and weight decay
 */
export function momentum(options?: MomentumOptions): Momentum {
  return new Momentum(options);
}
