import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, failure } from "../../src/io/failure.ts";
import { UsageError } from "../exit_codes.ts";
import { writeWhole } from "../lib/write_whole.ts";

/** What a run was asked to do, by the option that said it. */
export type RunSettings = Readonly<Record<string, string | number | boolean | null>>;

/** The file beside the checkpoints that holds it. */
const FILE = "run.json";

/** Folders that the library saves checkpoints to. */
const CHECKPOINT = /^\d{6,}-step-\d+$/;

/**
 * Sees to it that a directory holds checkpoints of one run alone: it keeps the settings of the run
 * beside them, and refuses to go on with others.
 *
 * @param directory where checkpoints are kept
 * @param settings those of this run
 * @param resumes whether it is to go on with the run that is there
 * @throws {UsageError} if another run is there, naming the settings that differ
 */
export async function claimDirectory(
  directory: string,
  settings: RunSettings,
  resumes: boolean,
): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    const hasCheckpoints = (await readdir(directory)).some((name) => CHECKPOINT.test(name));
    const saved = await read(join(directory, FILE));
    if (hasCheckpoints && !resumes) {
      throw new UsageError(
        `${directory} has checkpoints of another run: add --resume to go on with it, or give ` +
          `another directory`,
      );
    }
    if (hasCheckpoints && saved !== undefined) checkSame(directory, saved, settings);
    await writeWhole(join(directory, FILE), `${JSON.stringify(settings, null, 2)}\n`);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw failure("Cannot keep checkpoints in", directory, error);
  }
}

async function read(path: string): Promise<RunSettings | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (errorCode(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function checkSame(directory: string, saved: RunSettings, settings: RunSettings): void {
  const names = [...new Set([...Object.keys(saved), ...Object.keys(settings)])];
  const differences = names.filter((name) => saved[name] !== settings[name])
    .map((name) => `${name} was ${shown(saved[name])}, now ${shown(settings[name])}`);
  if (differences.length === 0) return;
  throw new UsageError(
    `Cannot go on with the run in ${directory}: ${differences.join("; ")}`,
  );
}

function shown(value: RunSettings[string] | undefined): string {
  return value === undefined ? "not given" : String(value);
}
