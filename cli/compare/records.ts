import { readFile } from "node:fs/promises";
import { AppendFile } from "@signalfit/tfjs/parts";
import { errorCode, failure, Refusal } from "@signalfit/tfjs/parts";

/** What is kept of a run that is finished. */
export interface Recorded {
  /** All that decides what comes out of it, as plain data. */
  readonly settings: unknown;
}

/**
 * Finished runs in a file, one a line of JSON. The file holds whole lines at any time: one that an
 * interrupted process left unfinished is dropped.
 */
export class Records<Record extends Recorded> {
  readonly #file: AppendFile | undefined;
  readonly #bySettings = new Map<string, Record>();

  private constructor(file: AppendFile | undefined) {
    this.#file = file;
  }

  /**
   * Opens a file, or begins one; without a path nothing is kept.
   *
   * @throws {Error} if it is a file of another kind, naming the line; nothing has changed then
   */
  static async open<Record extends Recorded>(
    path: string | undefined,
  ): Promise<Records<Record>> {
    if (path === undefined) return new Records<Record>(undefined);
    const file = new AppendFile(path), records = new Records<Record>(file);
    try {
      const lines = (await read(path)).split("\n");
      for (const [at, line] of lines.slice(0, -1).entries()) {
        const record = parse(line, at + 1) as Record;
        records.#bySettings.set(JSON.stringify(record.settings), record);
      }
    } catch (error) {
      throw failure("Cannot read", path, error);
    }
    await file.open("lines");
    return records;
  }

  /** How many different runs there are, of any settings. */
  get size(): number {
    return this.#bySettings.size;
  }

  /** The run with exactly these settings, if it is finished. */
  find(settings: Record["settings"]): Record | undefined {
    return this.#bySettings.get(JSON.stringify(settings));
  }

  /** Adds a run; it is in the file when this resolves. */
  async add(record: Record): Promise<void> {
    this.#file?.add(`${JSON.stringify(record)}\n`);
    await this.#file?.flush();
    this.#bySettings.set(JSON.stringify(record.settings), record);
  }
}

function parse(line: string, number: number): Recorded {
  try {
    const record = JSON.parse(line);
    if (typeof record === "object" && record !== null && "settings" in record) return record;
  } catch {
    // told of below
  }
  throw new Refusal(
    `line ${number}: expected a run that "signalfit compare" has recorded, got ` +
      JSON.stringify(line.slice(0, 40)),
  );
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  }
}
