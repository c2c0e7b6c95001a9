import * as node from "../host/node.ts";
import { writeNewFile } from "./atomic_write.ts";
import { errorCode, Refusal } from "./failure.ts";
import type { Host } from "./host.ts";
import { ownIdentity, type Present, type ProcessIdentity, whyGone } from "./process_identity.ts";

/** The folder that says that a directory is taken, and by whom. */
export const LOCK = "lock";
const OWNER_FILE = "owner.json";
const GRAVE = /^\.lock\.[0-9a-f]{16}\.stale$/;
const UNFINISHED = /^\.lock\.[0-9a-f]{16}\.tmp$/;
const ATTEMPTS = 20;
/** Milliseconds after which a lock that nobody's name is in will not be finished any more. */
const LONG_AGO = 60_000;

/** A directory that no other process may take. */
export interface DirectoryLock {
  /** Gives the directory back, at once; does nothing the second time. */
  release(): void;
}

interface Owner extends ProcessIdentity {
  readonly token: string;
}

/** This process, as it takes a directory. */
type Taker = Owner & Present;

interface Held extends DirectoryLock {
  readonly isBusy: () => boolean;
}

/** What this process holds, by the directory's real path. */
const held = new Map<string, Held>();
/** Tokens of locks that this process could not give back, as where the directory cannot be written. */
const leftBehind = new Set<string>();

/**
 * Takes a directory for this process, until `release` or the process's end. A lock whose owner is gone is
 * taken over, with a warning; so is one that this process holds and does not need any more.
 *
 * The lock is a folder with a file in it: it appears in one step, by a rename, which fails where there is
 * one already.
 *
 * @param owner who asks, for messages
 * @param isBusy whether the lock is still needed
 * @throws {Refusal} if the directory is taken, naming the process that has it
 */
export async function lockDirectory(
  host: Host,
  directory: string,
  owner: string,
  isBusy: () => boolean,
): Promise<DirectoryLock> {
  const { realpathSync } = await node.fs();
  const key = realpathSync(directory);
  const mine = held.get(key);
  if (mine?.isBusy()) throw new Refusal("another fit of this process is under way there");
  mine?.release();
  const token = host.crypto.randomBytes(8).toString("hex");
  const own: Taker = { ...await ownIdentity(host), token };
  await take(host, directory, own, owner);
  const release = await releaser(directory, token);
  const lock: Held = {
    isBusy,
    release() {
      if (held.get(key) === lock) held.delete(key);
      release();
    },
  };
  held.set(key, lock);
  return lock;
}

async function take(host: Host, directory: string, own: Taker, owner: string): Promise<void> {
  const { fs, path } = host;
  const lock = path.join(directory, LOCK);
  const unfinished = path.join(directory, `.lock.${own.token}.tmp`);
  try {
    for (let attempt = 1;; attempt++) {
      await prepare(host, unfinished, own);
      const error = await fs.rename(unfinished, lock).then(() => undefined, (error) => error);
      if (error === undefined) return await removeUnfinished(host, directory, own);
      const text = await ownerText(host, lock);
      // Others come and go; but what fails again and again fails for a reason of its own.
      if (text === undefined && attempt < ATTEMPTS) {
        await wait(attempt); // on Windows, for whoever has a file open that is being removed
        continue;
      }
      if (text === undefined || attempt >= ATTEMPTS) throw error;
      const present = parseOwner(text);
      if (present !== undefined && leftBehind.has(present.token)) {
        await bury(host, directory, text);
        continue;
      }
      const why = present === undefined
        ? `its ${OWNER_FILE} cannot be read, as after a power failure`
        : await whyGone(host, present, own);
      if (why === undefined) throw refusal(present!, own, lock);
      if (!await bury(host, directory, text)) continue;
      console.warn(`${owner}: took over the lock of ${directory} from ${nameOf(present)}: ${why}`);
    }
  } catch (error) {
    await fs.rm(unfinished, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

/** Some milliseconds. */
function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Makes the folder that becomes the lock, unless it is there. */
async function prepare(
  host: Host,
  unfinished: string,
  { started: _, ...own }: Taker,
): Promise<void> {
  try {
    await host.fs.mkdir(unfinished);
  } catch (error) {
    if (errorCode(error) === "EEXIST") return;
    throw error;
  }
  const content = new TextEncoder().encode(`${JSON.stringify(own, undefined, 2)}\n`);
  await writeNewFile(host, host.path.join(unfinished, OWNER_FILE), [content]);
}

/** Removes what processes left behind that were killed while they took the lock or gave it back. */
async function removeUnfinished(host: Host, directory: string, own: Taker): Promise<void> {
  const { fs, path } = host;
  for (const name of await fs.readdir(directory).catch(() => [])) {
    if (!UNFINISHED.test(name)) continue;
    const folder = path.join(directory, name);
    try {
      const owner = parseOwner(await ownerText(host, folder) ?? "");
      const isLeft = owner === undefined
        ? Date.now() - (await fs.stat(folder)).mtimeMs > LONG_AGO
        : await whyGone(host, owner, own) !== undefined;
      if (isLeft) await fs.rm(folder, { recursive: true, force: true });
    } catch {
      // Its owner went on meanwhile, or it cannot be removed: it does no harm.
    }
  }
}

/** What a lock says of its owner, or undefined if there is no lock. */
async function ownerText({ fs, path }: Host, lock: string): Promise<string | undefined> {
  try {
    return await fs.readFile(path.join(lock, OWNER_FILE), "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** The owner, or undefined if the text was cut short. */
function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Owner | null;
    return Number.isSafeInteger(owner?.pid) && typeof owner!.token === "string"
      ? owner!
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Puts the lock of a process that is gone out of the way, under a name of its own that stays until the
 * next release: of several processes that found the same lock, only one can do this.
 */
async function bury(host: Host, directory: string, text: string): Promise<boolean> {
  const { fs, path, crypto } = host, lock = path.join(directory, LOCK);
  const hash = crypto.createHash("sha256").update(text).digest("hex").slice(0, 16);
  const grave = path.join(directory, `.lock.${hash}.stale`);
  try {
    await fs.rename(lock, grave);
  } catch {
    return false;
  }
  if (await ownerText(host, grave) === text) return true;
  await fs.rename(grave, lock).catch(() => {}); // somebody else's, who took it meanwhile
  return false;
}

function refusal(present: Owner, own: Owner, lock: string): Refusal {
  const isOwn = present.pid === own.pid && present.host === own.host &&
    present.space === own.space && present.began === own.began;
  const isElsewhere = present.host === own.host && present.space !== own.space;
  return new Refusal(
    `${isOwn ? "this process, by a worker or another copy of the library," : nameOf(present)}${
      isElsewhere ? ", perhaps in another container," : ""
    } has ` +
      `been training there since ${present.since}, and two would remove each other's checkpoints; ` +
      `give each a directory of its own` +
      (isOwn ? "" : `, or remove ${lock} if you know that process to be gone`),
  );
}

function nameOf(owner: Owner | undefined): string {
  if (owner === undefined) return "an unknown process";
  return `process ${owner.pid} on ${owner.host ?? "an unknown host"}`;
}

/** Gives the lock back by itself when the process ends, unless it is killed or dies of an error. */
async function releaser(directory: string, token: string): Promise<() => void> {
  const [sync, path, process] = await Promise.all([
    node.fs(),
    node.path(),
    node.process(),
  ]);
  const at = path.resolve(directory); // whatever becomes of the working directory
  const end = () => {
    leftBehind.delete(token);
    process.off("exit", release);
    globalThis.removeEventListener?.("unload", release);
  };
  const release = () => {
    const lock = path.join(at, LOCK), unnamed = path.join(at, `.lock.${token}.tmp`);
    try {
      const owner = JSON.parse(sync.readFileSync(path.join(lock, OWNER_FILE), "utf8")) as Owner;
      if (owner.token !== token) return end(); // somebody else's by now
      sync.renameSync(lock, unnamed);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") {
        leftBehind.add(token); // this process may take it over, and tries again when it ends
        return;
      }
    }
    end();
    try {
      sync.rmSync(unnamed, { recursive: true, force: true });
      for (const name of sync.readdirSync(at)) {
        if (GRAVE.test(name)) sync.rmSync(path.join(at, name), { recursive: true, force: true });
      }
    } catch {
      // What stays does no harm, and the next one to take the directory removes it.
    }
  };
  process.on("exit", release);
  globalThis.addEventListener?.("unload", release); // Deno.exit knows only this one
  return release;
}
