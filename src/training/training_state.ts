import { io, type Tensor } from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import type { NewFile } from "../io/checkpoint_files.ts";
import type { CheckpointFiles } from "../io/checkpoint_read.ts";
import type { Host } from "../io/host.ts";
import { Refusal } from "../io/failure.ts";
import { formatModelJSON } from "../io/model_json.ts";
import { CHECKPOINT_WRITER, MODEL_FILE } from "../io/names.ts";
import type { NamedTensor } from "../optimizers/saved_weights.ts";
import {
  blaming,
  type CallbackState,
  disposeState,
  type NamedCallback,
  readCallback,
} from "./callback_state.ts";
import { describeWeights, type SavedWeight } from "./match_model.ts";
import type { EpochSums } from "../parallel/team_fit.ts";
import { type OptimizerState, readOptimizer } from "../optimizers/optimizer_state.ts";

const WEIGHTS_FILE = "weights.bin";
const STATE_FILE = "state.json";
const TENSORS_FILE = "state.bin";
const FORMAT = "signalfit-training-1";

/** Where a run stands. */
export interface TrainingPosition {
  /** The epoch that the next batch belongs to, counted from 0. */
  readonly epoch: number;
  /** Batches done in that epoch. */
  readonly step: number;
  /** Batches done in all. */
  readonly globalStep: number;
}

/** Whether two positions are one. */
export function samePosition(a: TrainingPosition, b: TrainingPosition): boolean {
  return a.epoch === b.epoch && a.step === b.step && a.globalStep === b.globalStep;
}

/** The best checkpoint so far. */
export interface BestEntry {
  /** Name of what is monitored. */
  readonly name: string;
  /** Its value. */
  readonly value: number;
}

/** What is saved beside what the model, its optimizer and the callbacks tell. */
export interface RunState {
  readonly position: TrainingPosition;
  /** What the order of the data depends on. */
  readonly order: Readonly<Record<string, unknown>> | null;
  readonly best: BestEntry | null;
  /** What the logs at the end of the epoch are made from, in the middle of one. */
  readonly sums: EpochSums | null;
}

/** What the file of the state holds. */
interface StateFile extends RunState {
  readonly format: typeof FORMAT;
  readonly savedAt: string;
  readonly weights: readonly SavedWeight[];
  readonly optimizer: OptimizerState & { readonly tensors: io.WeightsManifestEntry[] };
  readonly callbacks: readonly {
    readonly name: string;
    readonly state?: unknown;
    readonly tensors?: io.WeightsManifestEntry[] | undefined;
  }[];
}

/** The state of a run as it was read. Its tensors are the reader's to dispose of. */
export interface LoadedRun extends RunState {
  readonly weights: readonly SavedWeight[];
  readonly values: readonly Tensor[];
  readonly optimizer: { readonly state: OptimizerState; readonly tensors: NamedTensor[] };
  readonly callbacks: readonly CallbackState[];
  dispose(): void;
}

/** The files of a checkpoint: the model in tfjs's own format, and the state of the run. */
export async function captureRun(
  host: Pick<Host, "crypto">,
  model: tfl.LayersModel,
  callbacks: readonly NamedCallback[],
  run: RunState,
): Promise<NewFile[]> {
  const weights = await io.encodeWeights(
    model.weights.map((weight) => ({ name: weight.originalName, tensor: weight.read() })),
  );
  const topology = formatModelJSON(host, {
    modelTopology: model.toJSON(null, false) as Record<string, unknown>,
    format: "layers-model",
    generatedBy: CHECKPOINT_WRITER,
    convertedBy: null,
  }, [{ paths: [WEIGHTS_FILE], weights: weights.specs }]);
  const buffers: ArrayBuffer[] = [];
  const encode = async (tensors: readonly NamedTensor[]): Promise<io.WeightsManifestEntry[]> => {
    const { data, specs } = await io.encodeWeights([...tensors]);
    buffers.push(data);
    return specs;
  };
  const optimizer = await readOptimizer(model);
  const states: CallbackState[] = [];
  try {
    for (const each of callbacks) {
      states.push(await blaming(each, "give", () => readCallback(each)));
    }
    const state: StateFile = {
      format: FORMAT,
      savedAt: new Date().toISOString(),
      ...run,
      weights: describeWeights(model),
      optimizer: { ...optimizer.state, tensors: await encode(optimizer.tensors) },
      callbacks: await inTurn(states, async ({ name, state, tensors }) => ({
        name,
        state,
        tensors: tensors === undefined ? undefined : await encode(tensors),
      })),
    };
    return [
      { name: MODEL_FILE, content: topology },
      { name: WEIGHTS_FILE, content: weights.data },
      { name: STATE_FILE, content: `${JSON.stringify(state)}\n` },
      { name: TENSORS_FILE, content: io.concatenateArrayBuffers(buffers) },
    ];
  } finally {
    optimizer.dispose();
    states.forEach(disposeState);
  }
}

/** The reverse of {@link captureRun}, as far as it needs no model. */
export function loadRun(files: CheckpointFiles): LoadedRun {
  const state = JSON.parse(new TextDecoder().decode(fileOf(files, STATE_FILE))) as StateFile;
  if (state.format !== FORMAT) {
    throw new Refusal(
      `${STATE_FILE} must have the format "${FORMAT}", got ${JSON.stringify(state.format)}`,
    );
  }
  const values = decode(
    fileOf(files, WEIGHTS_FILE),
    state.weights.map(({ weight: name, shape, dtype }) => ({
      name,
      shape: [...shape],
      dtype: dtype as io.WeightsManifestEntry["dtype"],
    })),
  );
  const { tensors: specs, ...optimizer } = state.optimizer;
  const groups = [specs, ...state.callbacks.map(({ tensors }) => tensors ?? [])];
  const all = decode(fileOf(files, TENSORS_FILE), groups.flat());
  const [ofOptimizer, ...ofCallbacks] = groups.map((group) =>
    group.map(({ name }) => ({ name, tensor: all.shift()! }))
  );
  const tensors = [...ofOptimizer!, ...ofCallbacks.flat()].map(({ tensor }) => tensor);
  return {
    position: state.position,
    order: state.order,
    best: state.best,
    sums: state.sums ?? null,
    weights: state.weights,
    values,
    optimizer: { state: optimizer, tensors: ofOptimizer! },
    callbacks: state.callbacks.map(({ name, state, tensors }, i) => ({
      name,
      state,
      tensors: tensors === undefined ? undefined : ofCallbacks[i]!,
    })),
    dispose: () => [...values, ...tensors].forEach((tensor) => tensor.dispose()),
  };
}

/** The tensors of a file, one for each specification: two may have the same name. */
function decode(
  { buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>,
  specs: readonly io.WeightsManifestEntry[],
): Tensor[] {
  const numbered = specs.map((spec, index) => ({ ...spec, name: String(index) }));
  const tensors = io.decodeWeights(buffer.slice(byteOffset, byteOffset + byteLength), numbered);
  return numbered.map(({ name }) => tensors[name]!);
}

function fileOf(files: CheckpointFiles, name: string): Uint8Array<ArrayBuffer> {
  const file = files.get(name);
  if (file === undefined) throw new Refusal(`${name} is missing`);
  return file;
}

async function inTurn<In, Out>(list: readonly In[], f: (each: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  for (const each of list) results.push(await f(each));
  return results;
}
