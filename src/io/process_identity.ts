import * as node from "../host/node.ts";
import type { Host } from "./host.ts";

/** What tells a process from all others, as far as the platform lets it be known; null where it does not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The machine's name. */
  readonly host: string | null;
  /** The operating system, as Node names it. */
  readonly platform: string;
  /** On Linux, the namespace that the number is of: each container counts processes anew. */
  readonly space: string | null;
  /** On Linux, what changes whenever the machine starts. */
  readonly boot: string | null;
  /** On Linux, when the process began, in ticks since the machine started: another one may get its pid. */
  readonly began: string | null;
  /** When this was written down, as an ISO date. */
  readonly since: string;
}

/** What is known of the machine that this process runs on. */
export interface Present extends ProcessIdentity {
  /** When the machine started, in milliseconds since 1970. */
  readonly started: number | null;
}

/** The namespace of processes that are in no container. The kernel gives it this number. */
const OUTERMOST = "4026531836";
/** Milliseconds by which a machine's clock may have been put right since it started. */
const CLOCK_ERROR = 60_000;

/** The present process. */
export async function ownIdentity(host: Pick<Host, "fs">): Promise<Present> {
  const [process, os] = await Promise.all([
    node.process(),
    node.os(),
  ]);
  const uptime = isPermitted({ name: "sys", kind: "osUptime" }) ? os.uptime() : null;
  return {
    pid: process.pid,
    host: isPermitted({ name: "sys", kind: "hostname" }) ? os.hostname() : null,
    platform: process.platform,
    space: await ownSpace(host),
    boot: (await readProc(host, "sys/kernel/random/boot_id"))?.trim() ?? null,
    began: (await statOf(host, process.pid))?.began ?? null,
    since: new Date().toISOString(),
    started: uptime === null ? null : Date.now() - 1000 * uptime,
  };
}

/** Why a process is gone for certain, or undefined if it lives or that cannot be known. */
export async function whyGone(
  host: Pick<Host, "fs">,
  its: ProcessIdentity,
  own: Present,
): Promise<string | undefined> {
  if (its.host === null || its.host !== own.host || its.platform !== own.platform) return undefined;
  const isLinux = own.platform === "linux";
  // In containers the name is not the machine's: there may be another one of the same name elsewhere.
  const isOfMachine = !isLinux || (its.space === OUTERMOST && own.space === OUTERMOST);
  if (isOfMachine && hasRestarted(its, own)) return "the machine has started anew since";
  if (isLinux && (!its.space || its.space !== own.space)) return undefined;
  if (await isRunning(its.pid) === false) return "it is no longer running";
  const present = await statOf(host, its.pid);
  // It is dead, and its parent has not asked for its end yet.
  if (present?.isZombie) return "it is no longer running";
  if (its.began !== null && present !== undefined && its.began !== present.began) {
    return "it is no longer running, and another process has its number";
  }
  return undefined;
}

/** Whether the machine has started since: by what Linux says of it, by the clock on other systems. */
function hasRestarted(its: ProcessIdentity, own: Present): boolean {
  if (its.boot && own.boot) return its.boot !== own.boot;
  if (own.platform === "linux" || own.started === null) return false;
  return Date.parse(its.since) < own.started - CLOCK_ERROR;
}

/** Whether a process runs on this machine, or undefined where that may not be asked. */
async function isRunning(pid: number): Promise<boolean | undefined> {
  if (!isPermitted({ name: "run" })) return undefined;
  const process = await node.process();
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    const { code } = error as { code?: unknown };
    return code === "ESRCH" ? false : code === "EPERM" ? true : undefined;
  }
}

/** The number of this process's PID namespace. */
async function ownSpace({ fs }: Pick<Host, "fs">): Promise<string | null> {
  if (!isPermitted({ name: "read", path: "/proc" })) return null;
  try {
    return String((await fs.stat("/proc/self/ns/pid")).ino);
  } catch {
    return null;
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
