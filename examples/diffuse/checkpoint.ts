import * as tf from "@tensorflow/tfjs-core";
import { type ERDState, fileSystem, type NamedTensor } from "@signalfit/tfjs";
import type { Experiment, Outcome } from "./experiment.ts";
import type { Settings } from "./settings.ts";
import { type RunState, TrainingRun } from "./training_run.ts";

const FORMAT = "signalfit-diffuse-1";
const PARTS = ["denoiser", "ema", "optimizer"] as const;

/** What a checkpoint tells beside the tensors, plain data for JSON. */
export interface CheckpointHead {
  readonly format: typeof FORMAT;
  readonly settings: Settings;
  /** Tells the images apart from others. */
  readonly fingerprint: string;
  readonly runs: readonly { readonly step: number; readonly erd: ERDState }[];
  readonly outcomes: readonly Outcome[];
}

/** A checkpoint that was read; no tensor is made of it yet. */
export interface Checkpoint {
  readonly head: CheckpointHead;
  readonly weightData: tf.io.WeightData;
  readonly weightSpecs: tf.io.WeightsManifestEntry[];
}

/**
 * Saves an experiment to a directory: all runs in one file of weights, named in one `model.json`, so
 * that whatever happens there is the former checkpoint or the new one.
 */
export async function saveCheckpoint(
  directory: string,
  experiment: Experiment,
  fingerprint: string,
): Promise<void> {
  const states: RunState[] = [];
  try {
    for (const run of experiment.runs) states.push(await run.getState());
    const named = states.flatMap(({ tensors }, run) =>
      PARTS.flatMap((part) =>
        tensors[part].map(({ name, tensor }) => ({ name: `${run}/${part}/${name}`, tensor }))
      )
    );
    const { data: weightData, specs: weightSpecs } = await tf.io.encodeWeights(named);
    const head: CheckpointHead = {
      format: FORMAT,
      settings: experiment.settings,
      fingerprint,
      runs: states.map(({ step, erd }) => ({ step, erd })),
      outcomes: experiment.outcomes,
    };
    const userDefinedMetadata = { ...head };
    await fileSystem(directory).save!({
      modelTopology: {},
      weightData,
      weightSpecs,
      userDefinedMetadata,
    });
  } finally {
    states.forEach(TrainingRun.disposeState);
  }
}

/**
 * Reads a checkpoint.
 *
 * @throws {Error} if there is none, or it is damaged
 */
export async function readCheckpoint(directory: string): Promise<Checkpoint> {
  const { userDefinedMetadata, weightData, weightSpecs } = await fileSystem(directory).load!();
  const head = userDefinedMetadata as unknown as CheckpointHead | undefined;
  if (head?.format !== FORMAT || weightData === undefined || weightSpecs === undefined) {
    throw new Error(
      `Cannot resume from ${directory}: it must hold a checkpoint of the format "${FORMAT}", ` +
        `got ${head === undefined ? "a model" : `"${head.format}"`}`,
    );
  }
  return { head, weightData, weightSpecs };
}

/** Brings an experiment of the same settings to where a checkpoint stands. */
export async function restoreCheckpoint(
  { head, weightData, weightSpecs }: Checkpoint,
  experiment: Experiment,
): Promise<void> {
  const tensors = tf.io.decodeWeights(weightData, weightSpecs);
  const part = (prefix: string): NamedTensor[] =>
    Object.entries(tensors).filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => ({ name: name.slice(prefix.length), tensor }));
  try {
    for (const [i, run] of experiment.runs.entries()) {
      await run.setState({
        ...head.runs[i]!,
        tensors: {
          denoiser: part(`${i}/denoiser/`),
          ema: part(`${i}/ema/`),
          optimizer: part(`${i}/optimizer/`),
        },
      });
      Object.assign(experiment.outcomes[i]!, structuredClone(head.outcomes[i]!));
    }
  } finally {
    tf.dispose(tensors);
  }
}
