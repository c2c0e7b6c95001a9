import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { errorCode, failure } from "@signalfit/tfjs/parts";

/**
 * What stands at a path; undefined if nothing does.
 *
 * @throws {Error} if it cannot be told, naming the path and why, such as a directory without permission
 */
export async function fileInfo(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) return undefined;
    throw failure("Cannot read", path, error);
  }
}
