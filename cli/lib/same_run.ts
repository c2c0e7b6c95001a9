import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as tfl from "@tensorflow/tfjs-layers";
import { errorCode, failure } from "@signalfit/tfjs/parts";
import { writeOnFirstRank } from "@signalfit/tfjs/parts";
import { UsageError } from "../exit_codes.ts";
import { writeWhole } from "./write_whole.ts";

/** What a run was asked to do, by the option that said it. */
export type RunSettings = Readonly<Record<string, string | number | boolean | null>>;

/** The file beside the checkpoints that holds it. */
const FILE = "run.json";

/** Folders that the library saves checkpoints to. */
const CHECKPOINT = /^\d{6,}-step-\d+$/;

/** What a directory holds of a run. */
export interface SavedRun {
  readonly hasCheckpoints: boolean;
  /** Its settings, if they are there. */
  readonly settings: RunSettings | undefined;
}

/** Looks for a run; a directory that is not there holds none. */
export async function savedRun(directory: string): Promise<SavedRun> {
  try {
    const names = await readdir(directory).catch((error) => {
      if (errorCode(error) === "ENOENT") return [];
      throw error;
    });
    const hasCheckpoints = names.some((name) => CHECKPOINT.test(name));
    return { hasCheckpoints, settings: await read(join(directory, FILE)) };
  } catch (error) {
    throw failure("Cannot keep checkpoints in", directory, error);
  }
}

/**
 * Sees to it that a directory holds checkpoints of one run alone: refuses to go on with a run of other
 * settings. Writes nothing.
 *
 * @param directory where checkpoints are kept
 * @param settings those of this run
 * @param resumes whether it is to go on with the run that is there
 * @throws {UsageError} if another run is there, naming the settings that differ
 */
export async function checkSameRun(
  directory: string,
  settings: RunSettings,
  resumes: boolean,
): Promise<void> {
  const saved = await savedRun(directory);
  if (!saved.hasCheckpoints) return;
  if (!resumes) {
    throw new UsageError(
      `${directory} has checkpoints of another run: add --resume to go on with it, or give ` +
        `another directory`,
    );
  }
  if (saved.settings !== undefined) checkSame(directory, saved.settings, settings);
}

/**
 * Keeps the settings of a run beside its checkpoints. To stand behind the Checkpoint among the
 * callbacks: by then that has the directory for itself, and another process that is refused has
 * changed nothing.
 */
export class KeepSettings extends tfl.Callback {
  readonly #directory: string;
  readonly #settings: RunSettings;

  constructor(directory: string, settings: RunSettings) {
    super();
    this.#directory = directory;
    this.#settings = settings;
  }

  override setModel(model: Parameters<tfl.Callback["setModel"]>[0]): void {
    super.setModel(model);
    writeOnFirstRank(this);
  }

  override async onTrainBegin(): Promise<void> {
    // Somebody may have begun a run since it was looked at first.
    await checkSameRun(this.#directory, this.#settings, true);
    await writeWhole(
      join(this.#directory, FILE),
      `${JSON.stringify(this.#settings, null, 2)}\n`,
    );
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
