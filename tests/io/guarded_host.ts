import crypto from "node:crypto";
import fs, { type FileHandle } from "node:fs/promises";
import path from "node:path";
import type { Host } from "../../src/io/host.ts";

type Operation = (...args: never[]) => Promise<unknown>;

/**
 * A host whose operations run through `guard`, which decides whether each one happens. Writing
 * takes two operations for a piece, so that a crash can leave half of it.
 */
export function guardedHost(guard: (name: string) => void): Host & { closeAll(): Promise<void> } {
  const open = new Set<FileHandle>();
  const guarded = <F extends Operation>(name: string, operation: F): F =>
    (async (...args: Parameters<F>) => {
      guard(name);
      return await operation(...args);
    }) as unknown as F;
  const guardedHandle = (handle: FileHandle) => {
    open.add(handle);
    return {
      write: guarded(
        "write",
        (data: Uint8Array, offset: number, length: number) =>
          handle.write(data, offset, Math.ceil(length / 2)),
      ),
      sync: guarded("sync", () => handle.sync()),
      read: handle.read.bind(handle),
      close: async () => {
        open.delete(handle);
        await handle.close();
        guard("close");
      },
    };
  };
  return {
    path,
    crypto,
    fs: {
      mkdir: guarded("mkdir", fs.mkdir as Operation),
      readdir: guarded("readdir", fs.readdir as unknown as Operation),
      readFile: guarded("readFile", fs.readFile as Operation),
      rename: guarded("rename", fs.rename),
      rm: guarded("rm", fs.rm),
      stat: guarded("stat", fs.stat as Operation),
      open: guarded(
        "open",
        async (name: string, flags: string) => guardedHandle(await fs.open(name, flags)),
      ),
    } as unknown as Host["fs"],
    async closeAll() {
      for (const handle of open) await handle.close();
    },
  };
}
