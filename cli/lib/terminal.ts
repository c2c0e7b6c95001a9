import { writeSync } from "node:fs";
import process from "node:process";
import type { TextOutput } from "@signalfit/tfjs";
import { EXIT } from "../exit_codes.ts";

/** Columns where nothing tells how many there are. */
const COLUMNS = 80;

/** The part of Deno's API that is used, where there is one. */
interface DenoLike {
  readonly noColor: boolean;
  readonly stdout: { writeSync(bytes: Uint8Array): number };
  readonly stderr: { writeSync(bytes: Uint8Array): number };
}

const deno = (globalThis as { Deno?: DenoLike }).Deno;

/**
 * Standard output or standard error. What is written is on its way when the call returns. Where the
 * reader of standard output has gone (`| head -1`), nothing is left to do and the process ends with 0;
 * where it cannot be written otherwise, such as on a full disk, with 1.
 */
export function terminal(name: "stdout" | "stderr"): TextOutput {
  const stream = process[name];
  const isTerminal = stream.isTTY ?? false;
  return {
    isTerminal,
    hasColors: isTerminal && !noColor(),
    get columns() {
      return stream.columns || COLUMNS;
    },
    write(text) {
      try {
        writeAll(name, new TextEncoder().encode(text));
      } catch (error) {
        if (name === "stderr") return; // there is nowhere to tell of it
        if (isClosed(error)) process.exit(EXIT.ok);
        const words = error instanceof Error ? error.message : String(error);
        terminal("stderr").write(`Error: Cannot write the output: ${words}\n`);
        process.exit(EXIT.failed);
      }
    },
  };
}

/** One JSON document, for scripts. */
export function writeJson(output: TextOutput, value: unknown): void {
  output.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** The variable NO_COLOR, which in Deno is known without permission to read the environment. */
export function noColor(): boolean {
  return deno?.noColor ?? Boolean(process.env.NO_COLOR);
}

function writeAll(name: "stdout" | "stderr", bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    const rest = bytes.subarray(done);
    try {
      done += deno?.[name].writeSync(rest) ?? writeSync(process[name].fd, rest);
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      pause(); // The reader of a pipe is slower than we are.
    }
  }
}

/** Waits a millisecond without giving way to anything. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

function isClosed(error: unknown): boolean {
  const { code, name } = error as { code?: string; name?: string };
  return code === "EPIPE" || name === "BrokenPipe";
}
