import { errorCode, failure, Refusal } from "./failure.ts";
import { type Host, importHost } from "./host.ts";

/**
 * What is kept of a file that is there already.
 *
 * @internal
 */
export type Keep =
  /** Nothing: the file begins anew. */
  | "nothing"
  /** All whole lines; what follows the last line end was cut short and is dropped. */
  | "lines"
  /** So many bytes, for a log that goes on from a saved state; all, if some of them are missing. */
  | number;

/**
 * What was found when a file was opened.
 *
 * @internal
 */
export interface Found {
  /** Bytes that were kept. */
  readonly bytes: number;
  /** Bytes that were dropped. */
  readonly dropped: number;
  /** Bytes that were to be kept and are missing. */
  readonly missing: number;
}

/** Bytes that are looked at in one go. */
const CHUNK = 1 << 16;
const LINE_END = 10;

/**
 * A file that grows at its end, in Deno and in Node. Pieces are collected and written together; a write
 * that fails, as on a full disk, is taken back, so that the file ends with a whole piece, and tried again
 * by the next flush. Between two writes the file is closed: nothing is left open when training throws.
 */
export class AppendFile {
  readonly #path: string;
  readonly #importHost: () => Promise<Pick<Host, "fs" | "path">>;
  #pending: Uint8Array[] = [];
  #bytes = 0;
  /** When the oldest of them was added. */
  #since = 0;
  /** The write under way. */
  #turn: Promise<void> = Promise.resolve();

  /**
   * Opens nothing yet.
   *
   * @param path of the file; directories above it are made
   * @param host gives the file system; for tests
   */
  constructor(path: string, host: () => Promise<Pick<Host, "fs" | "path">> = importHost) {
    this.#path = path;
    this.#importHost = host;
  }

  /** The path as it was given. */
  get path(): string {
    return this.#path;
  }

  /** Bytes in the file that are whole. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Milliseconds that the oldest piece has waited for `flush`; 0 if none waits. */
  get waited(): number {
    return this.#pending.length === 0 ? 0 : performance.now() - this.#since;
  }

  /**
   * Makes the file, or takes it up. What was added and not written is forgotten.
   *
   * @throws {Error} if there is no file system, or it does not let us
   */
  async open(keep: Keep): Promise<Found> {
    return await this.#doing(async ({ fs, path }) => {
      await fs.mkdir(path.dirname(this.#path), { recursive: true });
      // Not to append: Windows does not let a file that is open for that be cut.
      const handle = await fs.open(this.#path, "r+").catch((error) => {
        if (errorCode(error) === "ENOENT") return fs.open(this.#path, "w+");
        throw error;
      });
      try {
        const { size } = await handle.stat();
        const wanted = typeof keep === "number"
          ? keep
          : keep === "lines"
          ? await lastLineEnd(handle, size)
          : 0;
        const bytes = Math.min(wanted, size);
        if (bytes < size) await handle.truncate(bytes);
        this.#bytes = bytes;
        this.#pending = [];
        return { bytes, dropped: size - bytes, missing: wanted - bytes };
      } finally {
        await handle.close();
      }
    });
  }

  /** The beginning of the file as it stands, at most so many bytes, as text; "" if there is none. */
  async head(bytes: number): Promise<string> {
    return await this.#doing(async ({ fs }) => {
      const handle = await fs.open(this.#path, "r").catch((error) => {
        if (errorCode(error) === "ENOENT") return undefined;
        throw error;
      });
      if (handle === undefined) return "";
      try {
        const buffer = new Uint8Array(bytes);
        const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
        return new TextDecoder().decode(buffer.subarray(0, bytesRead));
      } finally {
        await handle.close();
      }
    });
  }

  /** Adds a piece; `flush` writes it. */
  add(piece: string | Uint8Array): void {
    if (this.#pending.length === 0) this.#since = performance.now();
    this.#pending.push(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
  }

  /** Writes what was added, after what is being written. */
  flush(): Promise<void> {
    const turn = this.#turn.then(() => this.#write());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #write(): Promise<void> {
    const pieces = this.#pending;
    if (pieces.length === 0) return;
    this.#pending = [];
    let failed = false;
    try {
      await this.#doing(async ({ fs }) => {
        const handle = await fs.open(this.#path, "a");
        try {
          const all = joined(pieces);
          for (let done = 0; done < all.length;) {
            done += (await handle.write(all, done, all.length - done)).bytesWritten;
          }
          this.#bytes += all.length;
        } catch (error) {
          failed = true;
          throw error;
        } finally {
          await handle.close();
        }
      });
    } catch (error) {
      if (failed) await this.#cut();
      this.#pending = [...pieces, ...this.#pending];
      throw error;
    }
  }

  /** Takes half a piece back, as far as that is possible. */
  async #cut(): Promise<void> {
    try {
      const { fs } = await this.#importHost(), handle = await fs.open(this.#path, "r+");
      try {
        await handle.truncate(this.#bytes);
      } finally {
        await handle.close();
      }
    } catch {
      // It may be that nothing can be done to the file any more; the error of the write says so.
    }
  }

  async #doing<Result>(f: (host: Pick<Host, "fs" | "path">) => Promise<Result>): Promise<Result> {
    try {
      return await f(
        await this.#importHost().catch((cause) => {
          throw new Refusal("there is no file system here", { cause });
        }),
      );
    } catch (error) {
      throw failure("Cannot log to", this.#path, error);
    }
  }
}

type Handle = Awaited<ReturnType<Host["fs"]["open"]>>;

/** The position after the last line end, 0 without one. */
async function lastLineEnd(handle: Handle, size: number): Promise<number> {
  const buffer = new Uint8Array(Math.min(CHUNK, size));
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - buffer.length);
    const { bytesRead } = await handle.read(buffer, 0, end - start, start);
    const index = buffer.subarray(0, bytesRead).lastIndexOf(LINE_END);
    if (index >= 0) return start + index + 1;
    end = start;
  }
  return 0;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const piece of pieces) {
    all.set(piece, position);
    position += piece.length;
  }
  return all;
}
