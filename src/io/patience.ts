import { errorCode } from "./failure.ts";

/** The parts of `node:fs/promises` that storing a model needs. */
export type HostFiles = Pick<
  typeof import("node:fs/promises"),
  "mkdir" | "open" | "readdir" | "readFile" | "rename" | "rm" | "stat"
>;

/** What Windows answers while another program, such as a virus scanner, has a file open. */
const IN_USE: readonly (string | undefined)[] = ["EPERM", "EBUSY", "EACCES"];
/** Milliseconds to wait before each further attempt, a second in all. */
const WAITS = [10, 20, 40, 80, 150, 300, 400];

/**
 * The file system of Windows, where files cannot be renamed while somebody looks at them: tries again a
 * few times.
 *
 * @param wait lets so many milliseconds pass
 */
export function patient(
  fs: HostFiles,
  wait = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds)),
): HostFiles {
  return {
    mkdir: fs.mkdir,
    open: fs.open,
    readdir: fs.readdir,
    readFile: fs.readFile,
    stat: fs.stat,
    rename: (from, to) => patiently(() => fs.rename(from, to), wait),
    rm: (path, options) => patiently(() => fs.rm(path, options), wait),
  };
}

async function patiently(
  f: () => Promise<void>,
  wait: (ms: number) => Promise<void>,
): Promise<void> {
  for (const pause of WAITS) {
    try {
      return await f();
    } catch (error) {
      if (!IN_USE.includes(errorCode(error))) throw error;
      await wait(pause);
    }
  }
  await f();
}
