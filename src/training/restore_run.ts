import type * as tfl from "@tensorflow/tfjs-layers";
import { Refusal } from "../io/failure.ts";
import type { NamedTensor } from "../optimizers/saved_weights.ts";
import {
  blaming,
  type CallbackState,
  disposeState,
  type NamedCallback,
  readCallback,
  writeCallback,
} from "./callback_state.ts";
import { matchModel, renamer } from "./match_model.ts";
import { checkOptimizer, writeOptimizer } from "../optimizers/optimizer_state.ts";
import type { ResumableData } from "./training_batches.ts";
import type { LoadedRun } from "./training_state.ts";

/**
 * Loads a run into the model, the callbacks and the data that it goes on with. Whatever can be checked is
 * checked first; a callback that refuses its state leaves all as they were.
 *
 * @param model the model that is trained, not a Sequential around it
 * @throws {Error} if something does not fit; nothing has changed then
 */
export async function restoreRun(
  model: tfl.LayersModel,
  run: LoadedRun,
  callbacks: readonly NamedCallback[],
  data: ResumableData | null,
): Promise<void> {
  const matches = matchModel(run.weights, model);
  const rename = renamer(run.weights, matches);
  const renamed = (tensors: readonly NamedTensor[]) =>
    tensors.map(({ name, tensor }) => ({ name: rename(name), tensor }));
  checkOptimizer(model, run.optimizer.state, rename);
  checkOrder(run.order, data);
  warnOfOthers(run.callbacks, callbacks);

  const former: { each: NamedCallback; state: CallbackState }[] = [];
  try {
    for (const each of callbacks) {
      const saved = run.callbacks.find(({ name }) => name === each.name);
      if (saved === undefined) continue;
      former.push({ each, state: await blaming(each, "give", () => readCallback(each)) });
      const tensors = saved.tensors === undefined ? undefined : renamed(saved.tensors);
      await blaming(each, "take", () => writeCallback(each, { ...saved, tensors }));
    }
    await writeOptimizer(
      model,
      run.optimizer.state,
      renamed(run.optimizer.tensors),
      "resumeTraining",
    );
  } catch (error) {
    for (const { each, state } of former) await writeCallback(each, state).catch(() => {});
    throw error;
  } finally {
    for (const { state } of former) disposeState(state);
  }
  // What follows cannot fail any more.
  for (const { saved, variable } of matches) variable.assign(run.values[saved]!);
  const { epoch, step } = run.position;
  data?.seek(epoch, run.order === null ? 0 : step);
}

/** Refuses data that come in another order: the position would mean other batches. */
function checkOrder(saved: LoadedRun["order"], data: ResumableData | null): void {
  if (saved === null || data === null) return;
  const present: Readonly<Record<string, unknown>> = data.order ?? {};
  for (const name of new Set([...Object.keys(saved), ...Object.keys(present)])) {
    if (saved[name] === present[name]) continue;
    throw new Refusal(
      `the data must have ${name} ${saved[name] ?? "(none)"}, as when it was saved, ` +
        `got ${present[name] ?? "none"}`,
    );
  }
}

function warnOfOthers(
  saved: readonly CallbackState[],
  callbacks: readonly NamedCallback[],
): void {
  const names = new Set(callbacks.map(({ name }) => name));
  const lost = saved.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  if (lost.length > 0) {
    console.warn(
      `resumeTraining: the checkpoint has the state of ${
        lost.join(", ")
      }, not among the callbacks; ` +
        `it is left out`,
    );
  }
  const known = new Set(saved.map(({ name }) => name));
  const fresh = [...names].filter((name) => !known.has(name));
  if (fresh.length === 0) return;
  console.warn(
    `resumeTraining: the checkpoint has no state of ${fresh.join(", ")}, which begins anew`,
  );
}
