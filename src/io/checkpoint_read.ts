import { PIECE_BYTES } from "./atomic_write.ts";
import { type FileEntry, MANIFEST_FILE, parseManifest } from "./checkpoint_manifest.ts";
import { errorCode, Refusal } from "./failure.ts";
import type { Host } from "./host.ts";

/** The files of a checkpoint by name. */
export type CheckpointFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/**
 * Reads a checkpoint after checking that all of it is there, bit for bit.
 *
 * @throws {Refusal} if it is not, naming the file and what is wrong
 */
export async function readCheckpoint(host: Host, folder: string): Promise<CheckpointFiles> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const entry of parseManifest(await readManifest(host, folder))) {
    files.set(entry.name, await readFile(host, folder, entry));
  }
  return files;
}

async function readManifest({ fs, path }: Host, folder: string): Promise<string> {
  try {
    return await fs.readFile(path.join(folder, MANIFEST_FILE), "utf8");
  } catch (cause) {
    if (errorCode(cause) !== "ENOENT") throw cause;
    throw new Refusal(`${MANIFEST_FILE} is missing`, { cause });
  }
}

async function readFile(
  { fs, path, crypto }: Host,
  folder: string,
  { name, bytes, sha256 }: FileEntry,
): Promise<Uint8Array<ArrayBuffer>> {
  const full = path.join(folder, name);
  const size = await fs.stat(full).then(({ size }) => size, (cause) => {
    if (errorCode(cause) !== "ENOENT") throw cause;
    throw new Refusal(`${name} is missing`, { cause });
  });
  if (size !== bytes) throw new Refusal(`${name} is damaged: ${size} bytes in place of ${bytes}`);
  const content = new Uint8Array(bytes);
  const hash = crypto.createHash("sha256");
  const handle = await fs.open(full, "r");
  try {
    for (let done = 0; done < bytes;) {
      const length = Math.min(PIECE_BYTES, bytes - done);
      const { bytesRead } = await handle.read(content, done, length, done);
      if (bytesRead === 0) {
        throw new Refusal(`${name} is damaged: it ends after ${done} of ${bytes} bytes`);
      }
      hash.update(content.subarray(done, done + bytesRead));
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
  const found = hash.digest("hex");
  if (found !== sha256) {
    throw new Refusal(
      `${name} is damaged: the SHA-256 of its content is ${found.slice(0, 16)}…, ` +
        `not ${sha256.slice(0, 16)}… as ${MANIFEST_FILE} says`,
    );
  }
  return content;
}
