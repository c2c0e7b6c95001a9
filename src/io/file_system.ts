import type { io } from "@tensorflow/tfjs-core";
import { failure } from "./failure.ts";
import { importHost } from "./host.ts";
import { loadModel } from "./load_model.ts";
import { saveModel } from "./save_model.ts";

/**
 * Stores a model in a directory on disk, in Deno and in Node, in tfjs's own format: `model.json`
 * and one weights file, which every tfjs loader reads.
 *
 * Saving is atomic. Whatever happens meanwhile, a full disk or a power failure included, the
 * directory holds either the former model or the new one, whole. The weights file is named after
 * the SHA-256 of its content, `model.json` has a digest of itself, and loading checks both. Saves to one directory from within one process
 * take turns; let only one process at a time save to a directory, while any number may load.
 *
 * Loading also reads models that other tools wrote, sharded and quantized ones included, and refuses
 * whatever is missing, truncated or damaged, or lies outside the directory.
 *
 * Deno needs `--allow-read` and `--allow-write` for the directory; loading needs only the former.
 *
 * @param directory The path of the directory, such as `"runs/a"`; not a URL. It is created, with
 * the directories above it, by the first save.
 * @returns A handler for `model.save` and `tf.loadLayersModel` (or `tf.loadGraphModel`).
 * @throws {Error} If `directory` is empty or a URL. Saving and loading reject with an `Error` that
 * names the directory, the rule and the value; an error of the file system is its `cause`.
 *
 * @example Save a model with the state of its optimizer, and go on from there
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import "@tensorflow/tfjs-backend-cpu";
 * import * as tf from "@tensorflow/tfjs-layers";
 * import { fileSystem } from "@signalfit/tfjs";
 *
 * const directory = `${await mkdtemp(`${tmpdir()}/run-`)}/runs/a`;
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
 * model.compile({ optimizer: "adam", loss: "meanSquaredError" });
 *
 * await model.save(fileSystem(directory), { includeOptimizer: true });
 * const same = await tf.loadLayersModel(fileSystem(directory));
 * ```
 */
export function fileSystem(directory: string): io.IOHandler {
  if (typeof directory !== "string" || directory === "") {
    throw new Error(
      `Cannot store models: directory must be a non-empty path, got ${
        JSON.stringify(directory)
      }; ` +
        'use "." for the current directory',
    );
  }
  // One letter before the colon is a drive of Windows.
  if (/^[A-Za-z][A-Za-z0-9+.-]+:\/\//.test(directory)) {
    throw new Error(
      `Cannot store models: directory must be a path, not a URL, got ${JSON.stringify(directory)}`,
    );
  }
  return {
    async save(artifacts: io.ModelArtifacts): Promise<io.SaveResult> {
      try {
        const host = await importHost();
        const key = host.path.normalize(`${directory}/`);
        return await inTurn(key, () => saveModel(host, directory, artifacts));
      } catch (error) {
        throw failure("Cannot save a model to", directory, error);
      }
    },
    async load(): Promise<io.ModelArtifacts> {
      try {
        return await loadModel(await importHost(), directory);
      } catch (error) {
        throw failure("Cannot load a model from", directory, error);
      }
    },
  };
}

/** The last save to each directory, settled without a value once it is over. */
const lastSave = new Map<string, Promise<void>>();

/**
 * Runs saves to the same directory one after the other: each removes what it finds stale, which
 * would include the files of another that is under way.
 */
async function inTurn<T>(directory: string, save: () => Promise<T>): Promise<T> {
  const result = (lastSave.get(directory) ?? Promise.resolve()).then(save);
  const settled = result.then(() => {}, () => {});
  lastSave.set(directory, settled);
  try {
    return await result;
  } finally {
    if (lastSave.get(directory) === settled) lastSave.delete(directory);
  }
}
