import { AppendFile } from "../io/append_file.ts";
import { fileVersion, summaryEvent, type Value } from "./events.ts";

/** Where a file of events stands, plain data for JSON. */
export interface EventFilePosition {
  /** Its name, without the directory. */
  readonly name: string;
  /** Length of what is whole in it, in bytes. */
  readonly bytes: number;
}

/** What TensorBoard takes for a file of events is told by this. */
const PREFIX = "events.out.tfevents.";

/** Files that this process has begun, so that no two have one name. */
let files = 0;

/** A file of events for TensorBoard in a directory of its own. It is made by the first `flush`. */
export class EventFile {
  readonly #directory: string;
  #file: AppendFile;
  #isOpen = false;
  /** Where to go on in a file that was there. */
  #goOnAt: EventFilePosition | undefined;
  #queue: Uint8Array[] = [];
  /** When the oldest of them was added. */
  #since = 0;

  /** @param goOnAt what `position` gave, to drop what was written after it and go on there */
  constructor(directory: string, goOnAt?: EventFilePosition) {
    this.#directory = directory;
    this.#goOnAt = goOnAt;
    this.#file = this.#named(goOnAt?.name ?? newName());
  }

  /** Milliseconds that the oldest event has waited for `flush`; 0 if none waits. */
  get waited(): number {
    return this.#queue.length === 0 ? 0 : performance.now() - this.#since;
  }

  /** Adds values at a step; `flush` writes them. `seconds` are since 1970. */
  add(seconds: number, step: number, values: readonly Value[]): void {
    if (this.#queue.length === 0) this.#since = performance.now();
    this.#queue.push(summaryEvent(seconds, step, values));
  }

  /** Writes what was added. */
  async flush(): Promise<void> {
    if (!this.#isOpen) await this.#open();
    for (const event of this.#queue.splice(0)) this.#file.add(event);
    await this.#file.flush();
  }

  /** Where the file stands, everything being written. */
  async position(): Promise<EventFilePosition> {
    await this.flush();
    return { name: this.#file.path.slice(this.#directory.length + 1), bytes: this.#file.bytes };
  }

  async #open(): Promise<void> {
    const goOnAt = this.#goOnAt;
    if (goOnAt !== undefined && await this.#file.head(1) !== "") {
      const { missing } = await this.#file.open(goOnAt.bytes);
      if (missing === 0) return this.#opened();
    }
    // Not there any more, or shorter than it was: another file, which TensorBoard reads after it.
    if (goOnAt !== undefined) this.#file = this.#named(newName());
    await this.#file.open("nothing");
    this.#file.add(fileVersion(Date.now() / 1000));
    this.#opened();
  }

  #opened(): void {
    this.#isOpen = true;
    this.#goOnAt = undefined;
  }

  #named(name: string): AppendFile {
    return new AppendFile(`${this.#directory}/${name}`);
  }
}

/** Whether a name may be that of a file of events, and of nothing outside its directory. */
export function isEventFileName(name: unknown): boolean {
  return typeof name === "string" && name.startsWith(PREFIX) && /^[\w.-]+$/.test(name);
}

/**
 * Names sort by time, as TensorBoard reads them: seconds since 1970, the program (others put the host
 * there, which takes a permission in Deno), a count, and random letters that keep processes apart.
 */
function newName(): string {
  const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, "0");
  const count = String(files++).padStart(4, "0");
  return `${PREFIX}${seconds}.signalfit.${count}.${crypto.randomUUID().slice(0, 8)}`;
}
