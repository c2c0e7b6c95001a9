import type { Host } from "./host.ts";

/** What tells a process from all others, as far as the platform lets it be known. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The machine's name. */
  readonly host: string | null;
  /** What changes whenever the machine starts. */
  readonly boot: string | null;
  /** When the process began, in ticks since the machine started: another one may get the same pid. */
  readonly began: string | null;
}

/** The present process. */
export async function ownIdentity(host: Pick<Host, "fs">): Promise<ProcessIdentity> {
  const [{ default: process }, { default: os }] = await Promise.all([
    import("node:process"),
    import("node:os"),
  ]);
  return {
    pid: process.pid,
    host: isPermitted({ name: "sys", kind: "hostname" }) ? os.hostname() : null,
    boot: (await readProc(host, "sys/kernel/random/boot_id"))?.trim() ?? null,
    began: (await statOf(host, process.pid))?.began ?? null,
  };
}

/** Why a process is gone for certain, or undefined if it lives or that cannot be known. */
export async function whyGone(
  host: Pick<Host, "fs">,
  { pid, host: name, boot, began }: ProcessIdentity,
  own: ProcessIdentity,
): Promise<string | undefined> {
  if (name === null || name !== own.host) return undefined;
  if (boot !== null && own.boot !== null && boot !== own.boot) {
    return "the machine has started anew since";
  }
  if (await isRunning(pid) === false) return "it is no longer running";
  const present = await statOf(host, pid);
  // It is dead, and its parent has not asked for its end yet.
  if (present?.isZombie) return "it is no longer running";
  if (began !== null && present !== undefined && began !== present.began) {
    return "it is no longer running, and another process has its number";
  }
  return undefined;
}

/** Whether a process runs on this machine, or undefined where that may not be asked. */
async function isRunning(pid: number): Promise<boolean | undefined> {
  if (!isPermitted({ name: "run" })) return undefined;
  const { default: process } = await import("node:process");
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    const { code } = error as { code?: unknown };
    return code === "ESRCH" ? false : code === "EPERM" ? true : undefined;
  }
}

/**
 * What Linux tells of a process, if it does: fields 3 and 22 of its line, of which the second, in parentheses,
 * may itself hold spaces.
 */
async function statOf(
  host: Pick<Host, "fs">,
  pid: number,
): Promise<{ isZombie: boolean; began: string } | undefined> {
  const line = await readProc(host, `${pid}/stat`);
  const fields = line?.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state] = fields ?? [], began = fields?.[19];
  return began === undefined ? undefined : { isZombie: state === "Z" || state === "X", began };
}

/** A file of Linux's /proc, if there is one that may be read. */
async function readProc({ fs }: Pick<Host, "fs">, name: string): Promise<string | null> {
  if (!isPermitted({ name: "read", path: "/proc" })) return null;
  try {
    return await fs.readFile(`/proc/${name}`, "utf8");
  } catch {
    return null;
  }
}

interface Descriptor {
  readonly name: string;
  readonly kind?: string;
  readonly path?: string;
}

/** Whether Deno allows something without a question to the user; true in Node. */
function isPermitted(descriptor: Descriptor): boolean {
  const { Deno } = globalThis as {
    Deno?: { permissions?: { querySync(descriptor: Descriptor): { state: string } } };
  };
  return (Deno?.permissions?.querySync(descriptor).state ?? "granted") === "granted";
}
