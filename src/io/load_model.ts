import { io } from "@tensorflow/tfjs-core";
import { PIECE_BYTES } from "./atomic_write.ts";
import { type FileEntry, MANIFEST_FILE, parseManifest } from "./checkpoint_manifest.ts";
import { errorCode, Refusal } from "./failure.ts";
import type { Host } from "./host.ts";
import { checkWeightsSize, parseModelJSON } from "./model_json.ts";
import { CHECKPOINT_WRITER, hashInName, MODEL_FILE, shortHash } from "./names.ts";

/** Loads the model that a directory holds, after checking that all of it is there. */
export async function loadModel(host: Host, directory: string): Promise<io.ModelArtifacts> {
  let text = await readModelFile(host, directory);
  while (true) {
    try {
      return await loadArtifacts(host, directory, text);
    } catch (error) {
      // A save may meanwhile have removed the weights that the former model.json names.
      const now = await readModelFile(host, directory);
      if (now === text) throw error;
      text = now;
    }
  }
}

async function readModelFile({ fs, path }: Host, directory: string): Promise<string> {
  try {
    return await fs.readFile(path.join(directory, MODEL_FILE), "utf8");
  } catch (cause) {
    if (errorCode(cause) !== "ENOENT") throw cause;
    throw new Refusal(
      `there is no ${MODEL_FILE}, so nothing was saved here; check the path, or save a model ` +
        `first with model.save(fileSystem(${JSON.stringify(directory)}))`,
      { cause },
    );
  }
}

async function loadArtifacts(
  host: Host,
  directory: string,
  text: string,
): Promise<io.ModelArtifacts> {
  const model = parseModelJSON(host, text);
  const listed = model.generatedBy === CHECKPOINT_WRITER ? await manifestOf(host, directory) : [];
  const files: WeightsFile[] = [];
  for (const { paths, weights } of model.weightsManifest) {
    const group: WeightsFile[] = [];
    for (const name of paths) {
      const sha256 = listed.find((entry) => entry.name === name)?.sha256 ?? hashInName(name);
      group.push({ ...await findWeightsFile(host, directory, name), sha256 });
    }
    const names = paths.map((path) => `"${path}"`).join(" + ") || "(none is named)";
    checkWeightsSize(`weights file ${names} has a wrong length`, totalBytes(group), weights);
    files.push(...group);
  }
  // One buffer for all shards: given an array, tfjs reads zeros where the last is the longest.
  const weightData = new ArrayBuffer(totalBytes(files));
  let start = 0;
  for (const file of files) {
    await readWeightsFile(host, file, new Uint8Array(weightData, start, file.bytes));
    start += file.bytes;
  }
  const weightSpecs = io.getWeightSpecs(model.weightsManifest);
  const artifacts = io.getModelArtifactsForJSONSync(model, weightSpecs, weightData);
  if (files.length === 0) {
    // A topology alone: to tfjs, even empty data would be a set of weights with all of them missing.
    delete artifacts.weightSpecs;
    delete artifacts.weightData;
  }
  return artifacts;
}

/** What the manifest of a checkpoint lists; nothing where its model was copied elsewhere without it. */
async function manifestOf({ fs, path }: Host, directory: string): Promise<readonly FileEntry[]> {
  const text = await fs.readFile(path.join(directory, MANIFEST_FILE), "utf8").catch((error) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? [] : parseManifest(text);
}

interface WeightsFile {
  readonly name: string;
  /** The SHA-256 of its content, or the beginning of it; not there for files of others. */
  readonly sha256: string | undefined;
  readonly path: string;
  readonly bytes: number;
}

const totalBytes = (files: readonly WeightsFile[]): number =>
  files.reduce((sum, file) => sum + file.bytes, 0);

async function findWeightsFile(
  { fs, path }: Host,
  directory: string,
  name: string,
): Promise<Omit<WeightsFile, "sha256">> {
  const full = path.join(directory, name);
  try {
    const info = await fs.stat(full);
    if (!info.isFile()) throw new Refusal(`weights file "${name}" is not a file`);
    return { name, path: full, bytes: info.size };
  } catch (cause) {
    if (errorCode(cause) !== "ENOENT") throw cause;
    throw new Refusal(`weights file "${name}", which ${MODEL_FILE} names, is missing`, { cause });
  }
}

/** Fills `into` with the file, and refuses a file of ours whose content was changed. */
async function readWeightsFile(host: Host, file: WeightsFile, into: Uint8Array): Promise<void> {
  const hash = host.crypto.createHash("sha256");
  const handle = await host.fs.open(file.path, "r");
  try {
    for (let done = 0; done < into.length;) {
      const length = Math.min(PIECE_BYTES, into.length - done);
      const { bytesRead } = await handle.read(into, done, length, done);
      if (bytesRead === 0) {
        throw new Refusal(
          `weights file "${file.name}" is damaged: it ends after ${done} of ${into.length} bytes`,
        );
      }
      hash.update(into.subarray(done, done + bytesRead));
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
  const actual = hash.digest("hex"), expected = file.sha256;
  if (expected !== undefined && !actual.startsWith(expected)) {
    throw new Refusal(
      `weights file "${file.name}" is damaged: the SHA-256 of its content begins with ` +
        `${shortHash(actual)}, not with ${shortHash(expected)} as ` +
        `${hashInName(file.name) === undefined ? MANIFEST_FILE : "its name"} says`,
    );
  }
}
