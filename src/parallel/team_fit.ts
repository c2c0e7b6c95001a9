import type * as tfl from "@tensorflow/tfjs-layers";
import type { Team } from "./team.ts";

/** What `fit` makes the logs at the end of an epoch from, as it stands after some of its batches. */
export interface EpochSums {
  /** Samples so far. */
  readonly seen: number;
  /** The sum over samples by name; what JSON has no number for is a string, such as "NaN". */
  readonly totals: Readonly<Record<string, number | string>>;
}

/** A fit in which a team trains together. */
export interface TeamFit {
  readonly team: Team;
  /** Whether parameters are averaged now and then, where else gradients are summed at each step. */
  averages: boolean;
  /** Whether they have just been averaged, so that the ranks are together. */
  isTogether: boolean;
  /** What this rank has been asked to end by, a number that is greater than 0, or 0. */
  request: number;
  /** The same of any rank, as all of them know it; the ranks go by this. */
  agreed: number;
  /** Brings together what the ranks have summed of the epoch; all of them call it. */
  gatherSums(): Promise<EpochSums>;
}

const fits = new WeakMap<tfl.LayersModel, TeamFit>();

/** The team fit of a model that is under way or about to begin, if it is one. */
export function teamFitOf(model: tfl.LayersModel | undefined): TeamFit | undefined {
  return model && fits.get(model);
}

/** The same, where there is more than one rank. */
export function sharedFitOf(model: tfl.LayersModel | undefined): TeamFit | undefined {
  const fit = teamFitOf(model);
  return fit === undefined || fit.team.size === 1 ? undefined : fit;
}

/** Lets a model's fit be one of a team. */
export function beginTeamFit(
  model: tfl.LayersModel,
  { team, gatherSums }: Pick<TeamFit, "team" | "gatherSums">,
): TeamFit {
  const fit = { team, gatherSums, averages: false, isTogether: true, request: 0, agreed: 0 };
  fits.set(model, fit);
  return fit;
}

/** The fit is over. */
export function endTeamFit(model: tfl.LayersModel): void {
  fits.delete(model);
}

/** Whether this process writes to files and the terminal: alone, or as rank 0 of a team's fit. */
export function isWriter(model: tfl.LayersModel | undefined): boolean {
  return (teamFitOf(model)?.team.rank ?? 0) === 0;
}

const HOOKS = [
  "onTrainBegin",
  "onTrainEnd",
  "onEpochBegin",
  "onEpochEnd",
  "onBatchBegin",
  "onBatchEnd",
] as const;

/** The hooks that stand in callbacks themselves, before their class's, of those that are silent. */
const silent = new WeakMap<tfl.Callback, Map<string, PropertyDescriptor | undefined>>();

/**
 * Lets a callback that writes to files or the terminal do so on rank 0 alone: on the others its hooks do
 * nothing in this fit. To be called when it is given its model.
 */
export function writeOnFirstRank(callback: tfl.Callback): void {
  const former = silent.get(callback);
  if (isWriter(callback.model)) {
    silent.delete(callback);
    for (const [hook, own] of former ?? []) {
      if (own === undefined) Reflect.deleteProperty(callback, hook); // the class's again
      else Object.defineProperty(callback, hook, own);
    }
  } else if (former === undefined) {
    silent.set(
      callback,
      new Map(HOOKS.map((hook) => [hook, Object.getOwnPropertyDescriptor(callback, hook)])),
    );
    const value = () => Promise.resolve();
    for (const hook of HOOKS) Object.defineProperty(callback, hook, { value, configurable: true });
  }
}
