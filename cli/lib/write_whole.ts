import { rename, rm, writeFile } from "node:fs/promises";
import process from "node:process";
import { failure } from "@signalfit/tfjs/parts";

/**
 * Writes a file so that there is all of it or none: under another name first, then renamed.
 *
 * @throws {Error} if it cannot be written, naming it
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw failure("Cannot write", path, error);
  }
}
