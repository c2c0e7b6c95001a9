import { open, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { errorCode, failure } from "@signalfit/tfjs/parts";
import { UsageError } from "../exit_codes.ts";
import { checkWritableDirectory, checkWritableFile } from "./writable.ts";

/** A kind of file that the program writes: what it is called, and how its beginning is known. */
export interface FileKind {
  /** Such as "a history of signalfit". */
  readonly name: string;
  /** Whether a file that begins so is one. */
  readonly isOurs: (head: string) => boolean;
}

/** What a training logs, a row an epoch. */
export const HISTORY: FileKind = {
  name: "a history of a training",
  isOurs: (head) => {
    const [first, ...others] = firstLine(head).split(",");
    return first === "epoch" && others.some((name) => name === "loss" || name === "val_loss");
  },
};

/** The page of a training in one file. */
export const PAGE: FileKind = {
  name: "a page of a training",
  isOurs: (head) => /^<!doctype html>/i.test(head) && head.includes("<title>Training</title>"),
};

/** A picture that this program has drawn. */
export const PICTURE: FileKind = {
  name: "a picture of signalfit",
  isOurs: (head) => /^<svg [^>]*role="img" aria-labelledby="title/.test(head),
};

/** The table of runs that `compare` writes. */
export const RUN_TABLE: FileKind = {
  name: "a table of runs",
  isOurs: (head) => firstLine(head).startsWith("optimizer,learning_rate,seed,"),
};

/** Finished runs of `compare`, one a line. */
export const RUN_RECORD: FileKind = {
  name: "a record of runs",
  isOurs: (head) => /^\{"settings":\{/.test(head),
};

/** The report of `bench`. */
export const BENCH_REPORT: FileKind = {
  name: "a report of signalfit bench",
  isOurs: (head) => firstLine(head) === "# Milliseconds an optimizer step",
};

/** The settings of a run beside its checkpoints. */
export const RUN_SETTINGS: FileKind = {
  name: "the settings of a run of signalfit",
  isOurs: (head) => /^\s*\{\s*"--data":/.test(head),
};

/** What tells how a saved model's data were prepared. */
export const DATA_FACTS: FileKind = {
  name: "what signalfit tells of a model's data",
  isOurs: (head) => /^\s*\{\s*"task":\s*"(classification|regression)"/.test(head),
};

/** The topology of a saved model. */
export const MODEL_JSON: FileKind = {
  name: "a saved model",
  isOurs: (head) => /"(format|modelTopology|weightsManifest)"/.test(head),
};

/** A file or directory that an option names. */
export interface OptionPath {
  /** The option, such as "--csv". */
  readonly option: string;
  /** What it names; undefined if it was not given. */
  readonly path: string | undefined;
}

/** A path that will be written. */
export interface Output extends OptionPath {
  /** The file to be written, or the files in a directory that may be replaced, by name. */
  readonly holds: FileKind | Readonly<Record<string, FileKind>>;
}

/** As much of a file as is looked at. */
const HEAD = 4096;

/**
 * Makes sure, before any work, that all outputs can be written and nothing is lost by it: none is an
 * input or another output, and a file that is there already is of the kind that will be written.
 *
 * @param outputs what will be written
 * @param inputs what is read; names that are no paths, such as "mnist", are passed over
 * @throws {UsageError} naming the option, the path and what stands there
 * @throws {Error} if a path cannot be written
 */
export async function checkOutputs(
  outputs: readonly Output[],
  inputs: readonly OptionPath[],
): Promise<void> {
  const taken = new Map<string, string>();
  for (const { option, path } of inputs) {
    if (path === undefined) continue;
    for (const name of await identities(path)) taken.set(name, `is what ${option} reads`);
  }
  for (const { option, path } of outputs) {
    if (path === undefined) continue;
    const names = await identities(path);
    const found = names.map((name) => taken.get(name)).find((words) => words !== undefined);
    if (found !== undefined) {
      throw new UsageError(`${option} ${path} ${found}: nothing is written, give another path`);
    }
    for (const name of names) taken.set(name, `is what ${option} writes`);
  }
  for (const { option, path, holds } of outputs) {
    if (path === undefined) continue;
    if (isKind(holds)) {
      await checkWritableFile(path);
      await checkKind(option, path, holds);
    } else {
      for (const [name, kind] of Object.entries(holds)) {
        await checkKind(option, join(path, name), kind);
      }
      await checkWritableDirectory(path);
    }
  }
}

function isKind(holds: Output["holds"]): holds is FileKind {
  return typeof holds.isOurs === "function";
}

/** What stands for a path, however it is written: where it leads, and the file behind links. */
async function identities(path: string): Promise<string[]> {
  const absolute = resolve(path);
  const place = await realpath(absolute).catch(async () => {
    const directory = await realpath(dirname(absolute)).catch(() => dirname(absolute));
    return join(directory, basename(absolute));
  });
  const info = await stat(absolute, { bigint: true }).catch(() => undefined);
  // Where a system has no numbers of files, they are 0.
  return info === undefined || info.ino === 0n ? [place] : [place, `${info.dev}:${info.ino}`];
}

async function checkKind(option: string, path: string, kind: FileKind): Promise<void> {
  const head = await headOf(path);
  if (head === undefined || head === "" || kind.isOurs(head)) return;
  throw new UsageError(
    `${option} would overwrite ${path}, which is not ${kind.name}: give another path, or remove ` +
      `that file first`,
  );
}

/** The beginning of a file; undefined where there is none, or no file to read (a pipe, a device). */
async function headOf(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isFile()) return undefined;
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD), 0, HEAD, 0);
      return new TextDecoder().decode(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return undefined;
    throw failure("Cannot write", path, error);
  }
}

function firstLine(text: string): string {
  return text.slice(0, text.search(/\r?\n|$/));
}
