import type * as tfl from "@tensorflow/tfjs-layers";
import { RuleOptimizer } from "../optimizers/rule_optimizer.ts";
import { meet } from "./meeting.ts";
import type { Team } from "./team.ts";
import type { TeamFit } from "./team_fit.ts";

/** A callback whose state is spread over the ranks until this brings it together on all of them. */
interface Spread {
  gather(team: Team): Promise<void>;
}

/** Brings together what each rank has a part of, so that the state of rank 0 is that of all. */
export async function gatherState(
  { team }: TeamFit,
  model: tfl.LayersModel,
  callbacks: readonly tfl.Callback[],
): Promise<void> {
  meet(team, "the saving of a checkpoint");
  if (model.optimizer instanceof RuleOptimizer) {
    const sum = (values: Float32Array) => team.allReduce(values, "the saving of a checkpoint");
    await model.optimizer.gatherSums(sum, team.rank === 0);
  }
  for (const callback of callbacks) {
    const { gather } = callback as Partial<Spread>;
    if (typeof gather === "function") await gather.call(callback, team);
  }
}

/** Tells all ranks a number that rank 0 has, once it has it. */
export function fromFirst({ team }: TeamFit, number: number): number {
  return meet(team, "the saving of a checkpoint", [number])[0]![0]!;
}
