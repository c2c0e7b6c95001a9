import { errorCode } from "./failure.ts";
import type { Host } from "./host.ts";

/** The largest piece given to one system call; Node refuses pieces of 2 GiB. */
export const PIECE_BYTES = 64 * 1024 * 1024;

/** A file that is on the disk. */
export interface Written {
  readonly bytes: number;
  /** The SHA-256 of the content, in hexadecimal. */
  readonly sha256: string;
}

/** Cuts buffers into pieces of at most {@linkcode PIECE_BYTES}, without copying them. */
export function* pieces(buffers: Iterable<ArrayBuffer>): Generator<Uint8Array> {
  for (const buffer of buffers) {
    for (let start = 0; start < buffer.byteLength; start += PIECE_BYTES) {
      yield new Uint8Array(buffer, start, Math.min(PIECE_BYTES, buffer.byteLength - start));
    }
  }
}

/**
 * Writes a file that must not exist yet and waits until the device holds it. A failure leaves what
 * was written; whoever named the file removes it.
 */
export async function writeNewFile(
  { fs, crypto }: Host,
  path: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<Written> {
  const hash = crypto.createHash("sha256");
  let bytes = 0;
  const handle = await fs.open(path, "wx");
  try {
    for await (const piece of content) {
      hash.update(piece);
      for (let done = 0; done < piece.length;) {
        done += (await handle.write(piece, done, piece.length - done)).bytesWritten;
      }
      bytes += piece.length;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** What a platform answers where a directory cannot be opened or synced at all. */
const NO_DIRECTORY_SYNC: readonly (string | undefined)[] = [
  "EISDIR",
  "EPERM",
  "EACCES",
  "EINVAL",
  "ENOTSUP",
  "ENOSYS",
];

/** Waits until the device holds a directory's entries, where the platform can do that. */
export async function syncDirectory({ fs }: Pick<Host, "fs">, directory: string): Promise<void> {
  try {
    const handle = await fs.open(directory, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Deno refuses a directory above the permitted one with an error that has a name and no code.
    const refused = error instanceof Error && error.name === "NotCapable";
    if (!refused && !NO_DIRECTORY_SYNC.includes(errorCode(error))) throw error;
  }
}

/**
 * Removes a file that is of no use any more. A failure is passed over: the file does no harm, and
 * the next save tries again.
 */
export async function removeQuietly({ fs }: Pick<Host, "fs">, path: string): Promise<void> {
  await fs.rm(path, { force: true }).catch(() => {});
}
