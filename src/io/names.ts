/** The file with the topology and the manifest; renaming it into place commits a save. */
export const MODEL_FILE = "model.json";

const HASH_DIGITS = 16;
const WEIGHTS_FILE = /^weights\.([0-9a-f]{16})\.bin$/;
const TEMPORARY_FILE = /^(?:weights|model)\.[0-9a-f]{16}\.tmp$/;

/** The part of a SHA-256 (in hexadecimal) that goes into the name of a weights file. */
export const shortHash = (sha256: string): string => sha256.slice(0, HASH_DIGITS);

/** The name of a weights file with this content. */
export const weightsFileName = (sha256: string): string => `weights.${shortHash(sha256)}.bin`;

/** What the name of a weights file says about its content; nothing where others named it. */
export const hashInName = (name: string): string | undefined => WEIGHTS_FILE.exec(name)?.[1];

/** The name of a file that is still being written; `token` has 16 hexadecimal digits. */
export const temporaryName = (kind: "weights" | "model", token: string): string =>
  `${kind}.${token}.tmp`;

/** Whether saving made the file, so that saving may remove it once it is of no use. */
export const isOurs = (name: string): boolean =>
  WEIGHTS_FILE.test(name) || TEMPORARY_FILE.test(name);
