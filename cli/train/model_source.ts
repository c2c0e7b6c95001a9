import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import * as tfl from "@tensorflow/tfjs-layers";
import { fileSystem } from "@signalfit/tfjs";
import { failure, Refusal } from "@signalfit/tfjs/parts";
import { trainingKernels } from "@signalfit/tfjs/parts";
import { nearest } from "@signalfit/tfjs/parts";
import { type Dataset, outputs, width } from "../data/dataset.ts";
import { UsageError } from "../exit_codes.ts";
import { startBackend } from "../lib/backend.ts";
import { fileInfo } from "../lib/file_info.ts";
import { readJson } from "../lib/json_file.ts";
import { type ModelEntry, type ModelName, MODELS } from "./models.ts";
import { seedInitializers } from "./seed_initializers.ts";

/** A model to train: it can be built several times, with the same weights for the same seed. */
export interface ModelSource {
  /** Its name among {@link MODEL_NAMES}, or the file or directory. */
  readonly name: string;
  /** What it is, in a few words. */
  readonly title: string;
  /** Tells it from others, also from one that was in the same file before. */
  readonly identity: string;
  /** Epochs and rows in a batch, unless others are asked for. */
  readonly defaults: { readonly epochs: number; readonly batchSize: number };
  /** Kernels without which a backend cannot train it. */
  readonly kernels: readonly string[];
  /** Builds it. */
  build(seed: number): Promise<tfl.LayersModel>;
}

/** Names of the models that come with the program. */
export const MODEL_NAMES = Object.keys(MODELS) as ModelName[];

/** A table has far fewer rows than MNIST. */
const TABLE_DEFAULTS = { epochs: 50, batchSize: 16 };

/** Pixels that an image needs each way for the convolutional network. */
const CONV_PIXELS = 13;

/**
 * Finds a model for some data.
 *
 * @param choice undefined for the one that goes with the data, one of {@link MODEL_NAMES}, a JSON file with a topology, or a directory or `model.json`
 * with a saved model
 * @throws {UsageError} if there is none of that name, or it does not go with the data
 * @throws {Error} if a file cannot be used, naming it and what was expected
 */
export async function modelSource(
  choice: string | undefined,
  dataset: Dataset,
): Promise<ModelSource> {
  if (choice === undefined) return ownModel(takesConv(dataset) ? "conv" : "mlp", dataset);
  if (Object.hasOwn(MODELS, choice)) return ownModel(choice as ModelName, dataset);
  const info = await fileInfo(choice);
  if (info === undefined) {
    const near = nearest(choice, MODEL_NAMES);
    throw new UsageError(
      `There is no model "${choice}": expected ${MODEL_NAMES.join(", ")}, a JSON file or the ` +
        `directory of a saved model` + (near === undefined ? "" : `; did you mean "${near}"?`),
    );
  }
  const path = info.isDirectory() ? join(choice, "model.json") : choice;
  const json = await readJson(path), topology = topologyOf(path, json);
  const build = async (seed: number) => {
    const model = topology === undefined
      ? await tfl.loadLayersModel(fileSystem(dirname(path)))
      : await fromTopology(path, topology, seed);
    try {
      checkShapes(path, model, dataset);
      return model;
    } catch (error) {
      model.dispose();
      throw error;
    }
  };
  await startBackend("cpu", []); // to see what it needs
  const trial = await build(0);
  const kernels = await trainingKernels(trial);
  const identity = `${choice} (${await fingerprintOf(json, topology ? undefined : trial)})`;
  trial.dispose();
  const defaults = dataset.table === null ? MODELS.mlp : TABLE_DEFAULTS;
  return { name: choice, title: `of ${choice}`, identity, defaults, kernels, build };
}

function ownModel(name: ModelName, dataset: Dataset): ModelSource {
  const entry: ModelEntry = MODELS[name];
  const [rows = 1, columns = 1, channels = 1] = dataset.table === null
    ? dataset.inputShape
    : [1, width(dataset)];
  if (name === "conv" && !takesConv(dataset)) {
    throw new UsageError(
      `The model conv needs images of ${CONV_PIXELS} x ${CONV_PIXELS} pixels or more`,
    );
  }
  const activation = dataset.task === "classification" ? "softmax" : "linear";
  const size = [rows, columns] as const, classes = outputs(dataset);
  return {
    name,
    title: entry.title,
    identity: name,
    kernels: entry.kernels,
    defaults: dataset.table === null ? entry : TABLE_DEFAULTS,
    build: (seed) => Promise.resolve(entry.build({ size, channels, classes, activation, seed })),
  };
}

function takesConv({ table, inputShape: [rows = 0, columns = 0] }: Dataset): boolean {
  return table === null && Math.min(rows, columns) >= CONV_PIXELS;
}

/** The topology in a file, or undefined where the file has weights too. */
function topologyOf(path: string, json: unknown): object | undefined {
  const refuse = (got: string): never => {
    throw failure(
      "Cannot use",
      path,
      new Refusal(
        `expected a layers model of TensorFlow.js: an object with "modelTopology", or with ` +
          `"class_name" and "config", got ${got}`,
      ),
    );
  };
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return refuse(Array.isArray(json) ? "a list" : JSON.stringify(json));
  }
  const { modelTopology, weightsManifest, format, class_name, className } = json as Record<
    string,
    unknown
  >;
  if (format === "graph-model") refuse("a graph model, which cannot be trained");
  if (Array.isArray(weightsManifest) && weightsManifest.length > 0) {
    if (basename(path) === "model.json") return undefined;
    refuse(`a saved model whose file is not called "model.json"`);
  }
  if (typeof modelTopology === "object" && modelTopology !== null) return modelTopology;
  if (class_name === undefined && className === undefined) {
    refuse(`one with ${Object.keys(json).map((key) => `"${key}"`).join(", ") || "nothing"}`);
  }
  return json;
}

async function fromTopology(
  path: string,
  topology: object,
  seed: number,
): Promise<tfl.LayersModel> {
  try {
    const seeded = seedInitializers(topology, seed);
    return await tfl.models.modelFromJSON(seeded as Parameters<typeof tfl.models.modelFromJSON>[0]);
  } catch (error) {
    throw failure("Cannot use", path, error);
  }
}

/** Sixteen hexadecimal digits that tell a topology, and the weights of a saved model, from others. */
async function fingerprintOf(json: unknown, saved: tfl.LayersModel | undefined): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(json));
  for (const weight of saved?.getWeights() ?? []) {
    hash.update(new Uint8Array(Float32Array.from(await weight.data()).buffer));
  }
  return hash.digest("hex").slice(0, 16);
}

function checkShapes(path: string, model: tfl.LayersModel, dataset: Dataset): void {
  const { inputs, outputs: given } = model;
  const refuse = (rule: string) => {
    throw failure("Cannot use", path, new Refusal(`${rule}, for ${dataset.name}`));
  };
  if (inputs.length !== 1 || given.length !== 1) {
    refuse(
      `expected a model with one input and one output, got ${inputs.length} and ${given.length}`,
    );
  }
  const shape = inputs[0]!.shape.slice(1);
  const size = shape.reduce<number>((product, length) => product * (length ?? NaN), 1);
  if (size !== width(dataset)) {
    refuse(
      `expected an input of ${width(dataset)} numbers (${dataset.inputShape.join(" x ")}), got ` +
        shape.join(" x "),
    );
  }
  const wanted = outputs(dataset), got = given[0]!.shape.slice(1);
  if (got.length !== 1 || got[0] !== wanted) {
    refuse(
      `expected an output of ${wanted} ${wanted === 1 ? "number" : "numbers"}, got ${
        got.join(" x ")
      }`,
    );
  }
}
