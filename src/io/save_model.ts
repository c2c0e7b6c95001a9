import { io } from "@tensorflow/tfjs-core";
import { pieces, removeQuietly, syncDirectory, writeNewFile } from "./atomic_write.ts";
import { errorCode, Refusal } from "./failure.ts";
import type { Host } from "./host.ts";
import { checkWeightsSize, formatModelJSON } from "./model_json.ts";
import { isOurs, MODEL_FILE, temporaryName, weightsFileName } from "./names.ts";

/**
 * Saves a model so that a crash at any point leaves either the former model or this one, whole.
 *
 * The weights file is named after its content, so it never replaces the file that the former
 * `model.json` names; renaming the new `model.json` into place is the one step that switches over.
 */
export async function saveModel(
  host: Host,
  directory: string,
  artifacts: io.ModelArtifacts,
): Promise<io.SaveResult> {
  checkArtifacts(artifacts);
  const { fs, path } = host;
  await makeDirectory(host, directory);
  const before = await fs.readdir(directory);

  const inDirectory = (name: string) => path.join(directory, name);
  const token = host.crypto.randomBytes(8).toString("hex");
  const temporaryWeights = inDirectory(temporaryName("weights", token));
  const temporaryModel = inDirectory(temporaryName("model", token));
  const content = weightsContent(artifacts);
  const weightSpecs = artifacts.weightSpecs ?? [];
  const manifest: io.WeightsManifestConfig = [];
  let weightsFile: string | undefined;
  let weightDataBytes = 0;
  try {
    // Both files are complete on the device before either gets its name: a full disk ends here.
    if (content !== undefined) {
      const written = await writeNewFile(host, temporaryWeights, content);
      weightDataBytes = written.bytes;
      weightsFile = weightsFileName(written.sha256);
      manifest.push({ paths: [weightsFile], weights: weightSpecs });
    }
    checkWeightsSize("the weight data has a wrong length", weightDataBytes, weightSpecs);
    const text = formatModelJSON(host, artifacts, manifest);
    await writeNewFile(host, temporaryModel, [new TextEncoder().encode(text)]);
    if (weightsFile !== undefined) {
      await fs.rename(temporaryWeights, inDirectory(weightsFile));
      // Without this the device may hold the new model.json and not yet the weights it names.
      await syncDirectory(host, directory);
    }
    await fs.rename(temporaryModel, inDirectory(MODEL_FILE));
  } catch (error) {
    await removeQuietly(host, temporaryWeights);
    await removeQuietly(host, temporaryModel);
    if (weightsFile !== undefined && !before.includes(weightsFile)) {
      await removeQuietly(host, inDirectory(weightsFile));
    }
    throw error;
  }
  await syncDirectory(host, directory);

  for (const name of before) {
    if (isOurs(name) && name !== weightsFile) await removeQuietly(host, inDirectory(name));
  }
  return {
    modelArtifactsInfo: { ...io.getModelArtifactsInfoForJSON(artifacts), weightDataBytes },
  };
}

function checkArtifacts(artifacts: io.ModelArtifacts): void {
  const { modelTopology, weightSpecs } = artifacts;
  if (modelTopology instanceof ArrayBuffer) {
    throw new Refusal("modelTopology must be a JSON object, got an ArrayBuffer");
  }
  if (typeof modelTopology !== "object" || modelTopology === null) {
    throw new Refusal(`modelTopology must be a JSON object, got ${modelTopology ?? "nothing"}`);
  }
  if (weightsContent(artifacts) !== undefined && weightSpecs === undefined) {
    throw new Refusal("weightSpecs must describe the weight data, got nothing");
  }
}

/** The weights as they go into the file, or nothing for a topology without weights. */
function weightsContent(
  { weightData, getWeightStream }: io.ModelArtifacts,
): Iterable<Uint8Array> | AsyncIterable<Uint8Array> | undefined {
  if (weightData !== undefined && weightData !== null) {
    return pieces(Array.isArray(weightData) ? weightData : [weightData]);
  }
  return getWeightStream === undefined ? undefined : streamPieces(getWeightStream);
}

async function* streamPieces(
  getWeightStream: () => ReadableStream<ArrayBuffer>,
): AsyncGenerator<Uint8Array> {
  // tfjs's own streams yield Uint8Array whatever their type says; this takes either.
  for await (const chunk of getWeightStream()) yield new Uint8Array(chunk);
}

/** Makes the directory and those above it, and waits until the device holds them. */
export async function makeDirectory(host: Host, directory: string): Promise<void> {
  const { fs, path } = host;
  const parentsOfNew: string[] = [];
  for (let at = directory; await isMissing(host, at);) {
    const parent = path.dirname(at);
    if (parent === at) break;
    parentsOfNew.push(parent);
    at = parent;
  }
  await fs.mkdir(directory, { recursive: true });
  for (const parent of parentsOfNew) await syncDirectory(host, parent);
}

async function isMissing({ fs }: Host, path: string): Promise<boolean> {
  try {
    await fs.stat(path);
    return false;
  } catch (error) {
    return errorCode(error) === "ENOENT";
  }
}
