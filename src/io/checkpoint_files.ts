import { pieces, syncDirectory, writeNewFile } from "./atomic_write.ts";
import { type FileEntry, formatManifest, MANIFEST_FILE } from "./checkpoint_manifest.ts";
import type { Host } from "./host.ts";

/** A checkpoint in a directory: a folder of its own. */
export interface CheckpointEntry {
  readonly name: string;
  /** Counts the checkpoints of a directory; the newest has the largest number. */
  readonly sequence: number;
}

/** A file of a checkpoint that is to be written. */
export interface NewFile {
  readonly name: string;
  readonly content: string | ArrayBuffer;
}

const NAME = /^(\d{6,})-step-\d+$/;
const UNFINISHED = /^\.\d{6,}-step-\d+\.[0-9a-f]{16}\.tmp$/;

/** The name of a checkpoint. */
export const checkpointName = (sequence: number, globalStep: number): string =>
  `${String(sequence).padStart(6, "0")}-step-${globalStep}`;

/** The number in a checkpoint's name; 0 where it is none. */
export const sequenceOf = (name: string): number => Number(NAME.exec(name)?.[1] ?? 0);

/** The checkpoints of a directory, whole or not, from the oldest to the newest. */
export async function listCheckpoints(
  { fs }: Pick<Host, "fs">,
  directory: string,
): Promise<CheckpointEntry[]> {
  return (await fs.readdir(directory))
    .map((name) => ({ name, sequence: sequenceOf(name) }))
    .filter(({ sequence }) => sequence > 0)
    .sort((a, b) => a.sequence - b.sequence);
}

/**
 * Writes a checkpoint so that a crash at any point leaves all of it or nothing: into a folder with
 * another name, the manifest last, which is then renamed.
 */
export async function writeCheckpoint(
  host: Host,
  directory: string,
  name: string,
  files: readonly NewFile[],
): Promise<void> {
  const { fs, path } = host;
  const token = host.crypto.randomBytes(8).toString("hex");
  const unfinished = path.join(directory, `.${name}.${token}.tmp`);
  try {
    await fs.mkdir(unfinished);
    const written: FileEntry[] = [];
    for (const { name, content } of files) {
      written.push({
        name,
        ...await writeNewFile(host, path.join(unfinished, name), bytesOf(content)),
      });
    }
    const manifest = path.join(unfinished, MANIFEST_FILE);
    await writeNewFile(host, manifest, bytesOf(formatManifest(written)));
    // Without this the device may hold the new name and not yet the files.
    await syncDirectory(host, unfinished);
    await fs.rename(unfinished, path.join(directory, name));
  } catch (error) {
    await removeFolder(host, unfinished);
    throw error;
  }
  await syncDirectory(host, directory);
}

/** Removes a checkpoint: it loses its name first, so that no half of it is ever found. */
export async function removeCheckpoint(
  host: Host,
  directory: string,
  name: string,
): Promise<void> {
  const { fs, path } = host;
  const token = host.crypto.randomBytes(8).toString("hex");
  const unnamed = path.join(directory, `.${name}.${token}.tmp`);
  try {
    await fs.rename(path.join(directory, name), unnamed);
  } catch {
    return; // It does no harm, and the next save tries again.
  }
  await removeFolder(host, unnamed);
}

/** Removes what crashes have left. Only the process that holds the directory's lock may do this. */
export async function removeUnfinished(host: Host, directory: string): Promise<void> {
  for (const name of await host.fs.readdir(directory)) {
    if (UNFINISHED.test(name)) await removeFolder(host, host.path.join(directory, name));
  }
}

/** Removes a folder. What stays does no harm, and the next run tries again. */
async function removeFolder({ fs }: Pick<Host, "fs">, folder: string): Promise<void> {
  await fs.rm(folder, { recursive: true, force: true }).catch(() => {});
}

function bytesOf(content: string | ArrayBuffer): Iterable<Uint8Array> {
  return typeof content === "string" ? [new TextEncoder().encode(content)] : pieces([content]);
}
