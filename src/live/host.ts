import * as node from "../host/node.ts";

/** The parts of Node's standard library that the live page needs. Both Deno and Node have them. */
export interface LiveHost {
  readonly http: Pick<typeof import("node:http"), "createServer">;
  readonly fs: Pick<typeof import("node:fs/promises"), "readFile" | "rename" | "rm" | "writeFile">;
  readonly timers: Pick<typeof import("node:timers"), "setInterval" | "clearInterval">;
  readonly process: Pick<
    typeof import("node:process"),
    "listenerCount" | "memoryUsage" | "off" | "on" | "pid" | "platform"
  >;
  readonly children: Pick<typeof import("node:child_process"), "spawn">;
}

/** Imports the host's modules on first use. */
export async function importLiveHost(): Promise<LiveHost> {
  try {
    const [http, fs, timers, process, children] = await Promise.all([
      node.http(),
      node.fsPromises(),
      node.timers(),
      node.process(),
      node.childProcess(),
    ]);
    return { http, fs, timers, process, children };
  } catch (cause) {
    throw new Error(
      "Cannot start a live page: this environment has no server (node:http cannot be imported)",
      { cause },
    );
  }
}
