import { readFile } from "node:fs/promises";
import { failure, Refusal } from "@signalfit/tfjs/parts";

/**
 * Reads a JSON file.
 *
 * @throws {Error} if it is none, naming the file, line and column
 */
export async function readJson(path: string): Promise<unknown> {
  try {
    return parseJson(await readFile(path, "utf8"));
  } catch (error) {
    throw failure("Cannot read", path, error);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    // Where the engine names no place, the text ended too early.
    const position = /position (\d+)/.exec(message)?.[1];
    const before = text.slice(0, position === undefined ? text.length : Number(position));
    const lines = before.split("\n");
    const got = before.length < text.length
      ? JSON.stringify(text.slice(before.length, before.length + 12))
      : "the end of the file";
    throw new Refusal(
      `line ${lines.length}, column ${lines.at(-1)!.length + 1}: expected JSON, got ${got}`,
      { cause: error },
    );
  }
}
