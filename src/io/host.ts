import * as node from "../host/node.ts";
import { Refusal } from "./failure.ts";
import { type HostFiles, patient } from "./patience.ts";

/**
 * The parts of Node's standard library that storing a model needs. Both Deno and Node have them.
 * It is a parameter of the functions below so that a test can make any single operation fail.
 */
export interface Host {
  readonly fs: HostFiles;
  readonly path: Pick<typeof import("node:path"), "dirname" | "join" | "normalize">;
  readonly crypto: Pick<typeof import("node:crypto"), "createHash" | "randomBytes">;
}

/**
 * Imports the host's modules on first use, so that a browser bundle which never stores a model on
 * disk does not fail while it loads.
 */
export async function importHost(): Promise<Host> {
  try {
    const [fs, path, crypto, process] = await Promise.all([
      node.fsPromises(),
      node.path(),
      node.crypto(),
      node.process(),
    ]);
    return { fs: process.platform === "win32" ? patient(fs) : fs, path, crypto };
  } catch (cause) {
    throw new Refusal(
      "this environment has no file system (node:fs/promises cannot be imported); " +
        'in a browser use "indexeddb://name" or "downloads://name"',
      { cause },
    );
  }
}
