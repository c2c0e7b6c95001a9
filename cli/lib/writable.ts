import { access, constants, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode, failure, Refusal } from "@signalfit/tfjs/parts";

/**
 * Makes sure, before hours of work, that a file can be written in the end.
 *
 * @throws {Error} if it cannot, naming it
 */
export async function checkWritableFile(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK);
    const info = await stat(path).catch((error) => {
      if (errorCode(error) !== "ENOENT") throw error;
    });
    if (info?.isDirectory()) throw new Refusal("a directory stands where a file is needed");
  } catch (error) {
    throw failure("Cannot write", path, error);
  }
}

/**
 * Makes a directory if there is none, and makes sure that files can be written there.
 *
 * @throws {Error} if they cannot, naming it
 */
export async function checkWritableDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  } catch (error) {
    throw failure("Cannot write to", path, error);
  }
}
