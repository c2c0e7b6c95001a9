import type { io } from "@tensorflow/tfjs-core";
import { Refusal } from "./failure.ts";
import type { Host } from "./host.ts";
import { MODEL_FILE } from "./names.ts";

/** Bytes an element, by the dtype in which the file stores it. */
const BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  complex64: 8,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
  // A string is preceded by its length in 4 bytes; how many follow is known only from the data.
  string: 4,
};

/** How many bytes weights take in a file. */
export interface WeightsSize {
  /** The number of bytes, or the least possible number if `exact` is false. */
  readonly bytes: number;
  /** False where the specs hold strings, whose lengths are not in the specs. */
  readonly exact: boolean;
}

/** The number of bytes that weights of these specs take, quantized ones as they are stored. */
export function weightsSize(specs: readonly io.WeightsManifestEntry[]): WeightsSize {
  let bytes = 0;
  let exact = true;
  for (const { name, shape, dtype, quantization } of specs) {
    const stored = quantization?.dtype ?? dtype;
    const size = Object.hasOwn(BYTES, stored) ? BYTES[stored] : undefined;
    if (size === undefined) {
      throw new Refusal(
        `weight "${name}" must have one of the dtypes ${Object.keys(BYTES).join(", ")}, ` +
          `got "${stored}"`,
      );
    }
    bytes += size * shape.reduce((product, dimension) => product * dimension, 1);
    exact &&= stored !== "string";
  }
  return { bytes, exact };
}

/**
 * Refuses weights whose length differs from what their specs describe.
 *
 * @param what What has that length, to name it in the message.
 */
export function checkWeightsSize(
  what: string,
  bytes: number,
  specs: readonly io.WeightsManifestEntry[],
): void {
  const expected = weightsSize(specs);
  if (expected.exact ? bytes === expected.bytes : bytes >= expected.bytes) return;
  throw new Refusal(
    `${what}: ${bytes} bytes, but the weight specs describe ` +
      `${expected.exact ? "" : "at least "}${expected.bytes} bytes`,
  );
}

/** Opens a digest, so that another kind can be told from it. */
const SHA256 = "sha256:";

/** The SHA-256 of a value as JSON without spaces, so that it is the same however the file is laid out. */
function digestOf({ crypto }: Pick<Host, "crypto">, text: string): string {
  return SHA256 + crypto.createHash("sha256").update(text).digest("hex");
}

/** The text of `model.json`, with the fields that tfjs itself writes and a digest of them. */
export function formatModelJSON(
  host: Pick<Host, "crypto">,
  artifacts: io.ModelArtifacts,
  weightsManifest: io.WeightsManifestConfig,
): string {
  const { modelTopology, format, generatedBy, convertedBy, trainingConfig } = artifacts;
  const { signature, userDefinedMetadata, modelInitializer, initializerSignature } = artifacts;
  try {
    // JSON.stringify leaves out what is undefined.
    const text = JSON.stringify({
      modelTopology,
      format,
      generatedBy,
      convertedBy,
      weightsManifest,
      signature,
      userDefinedMetadata,
      modelInitializer,
      initializerSignature,
      trainingConfig,
    });
    return `${text.slice(0, -1)},"digest":${JSON.stringify(digestOf(host, text))}}`;
  } catch (cause) {
    throw new Refusal(`the model cannot be written as JSON (${messageOf(cause)})`, { cause });
  }
}

/**
 * Reads `model.json` and refuses what is not a tfjs model, names files elsewhere, or differs from the digest
 * in it. Files of others have none.
 */
export function parseModelJSON(host: Pick<Host, "crypto">, text: string): io.ModelJSON {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, "")); // editors of Windows put it before everything
  } catch (cause) {
    throw new Refusal(
      `${MODEL_FILE} is not valid JSON (${messageOf(cause)}); ` +
        `it has ${text.length} characters and may be truncated`,
      { cause },
    );
  }
  if (!isRecord(json)) throw foreign("it must hold an object", json);
  const { digest, ...content } = json;
  if (digest !== undefined && digest !== digestOf(host, JSON.stringify(content))) {
    throw new Refusal(
      `${MODEL_FILE} is damaged, or was changed: its content has not the digest that it says; if you ` +
        `changed it on purpose, remove its field "digest"`,
    );
  }
  if (!isRecord(json.modelTopology)) {
    throw foreign("modelTopology must be an object", json.modelTopology);
  }
  if (!Array.isArray(json.weightsManifest)) {
    throw foreign("weightsManifest must be an array", json.weightsManifest);
  }
  json.weightsManifest.forEach(checkGroup);
  return json as unknown as io.ModelJSON;
}

function checkGroup(group: unknown, index: number): void {
  const where = `weightsManifest[${index}]`;
  if (!isRecord(group)) throw foreign(`${where} must be an object`, group);
  if (!Array.isArray(group.paths)) throw foreign(`${where}.paths must be an array`, group.paths);
  if (!Array.isArray(group.weights)) {
    throw foreign(`${where}.weights must be an array`, group.weights);
  }
  group.paths.forEach((path: unknown, i) => checkPath(path, `${where}.paths[${i}]`));
  group.weights.forEach((spec: unknown, i) => checkSpec(spec, `${where}.weights[${i}]`));
}

function checkSpec(spec: unknown, where: string): void {
  if (!isRecord(spec)) throw foreign(`${where} must be an object`, spec);
  if (typeof spec.name !== "string") throw foreign(`${where}.name must be a string`, spec.name);
  if (typeof spec.dtype !== "string") throw foreign(`${where}.dtype must be a string`, spec.dtype);
  const isSize = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
  if (!Array.isArray(spec.shape) || !spec.shape.every(isSize)) {
    throw foreign(`${where}.shape must be an array of whole numbers from 0 on`, spec.shape);
  }
  const quantization = spec.quantization ?? undefined;
  if (
    quantization !== undefined &&
    !(isRecord(quantization) && typeof quantization.dtype === "string")
  ) {
    throw foreign(`${where}.quantization must be an object with a dtype`, quantization);
  }
}

/** A manifest comes from outside, so it may only name files in the model's own directory. */
function checkPath(path: unknown, where: string): void {
  if (typeof path !== "string" || path === "") {
    throw foreign(`${where} must be a non-empty string`, path);
  }
  // Windows reads "\" as a separator and "C:" as a root, so both count everywhere.
  const absolute = /^([/\\]|[A-Za-z]:)/.test(path);
  if (absolute || path.includes("\0") || path.split(/[/\\]/).includes("..")) {
    throw new Refusal(
      `${where} in ${MODEL_FILE} must be a path inside the directory, got ${JSON.stringify(path)}`,
    );
  }
}

function foreign(rule: string, value: unknown): Refusal {
  const shown = JSON.stringify(value) ?? "nothing";
  return new Refusal(
    `${MODEL_FILE} is not a TensorFlow.js model: ${rule}, got ` +
      (shown.length > 60 ? `${shown.slice(0, 60)}…` : shown),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
