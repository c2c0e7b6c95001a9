import { join } from "node:path";
import { writeWhole } from "../../cli/lib/write_whole.ts";
import type { GivenSettings, Settings } from "./settings.ts";

const FILE = "settings.json";
const FORMAT = "signalfit-diffuse-2";

/** The options by the settings that they give. */
const OPTIONS: Record<keyof Settings, string> = {
  model: "--model",
  width: "--width",
  steps: "--steps",
  batchSize: "--batch-size",
  weighting: "--weighting",
  target: "--target",
  path: "--path",
  optimizer: "--optimizer",
  lr: "--lr",
  size: "--size",
  seed: "--seed",
  samples: "--samples",
  samplerSteps: "--sampler-steps",
};

/**
 * Keeps the settings beside the checkpoints of an experiment that begins.
 *
 * @throws {Error} if the directory has those of another one
 */
export async function beginIn(directory: string, settings: Settings): Promise<void> {
  if (await read(directory) !== undefined) {
    throw new Error(
      `Cannot begin in ${directory}: it has the checkpoints of another training; go on with that ` +
        `one by --resume ${directory}, remove the directory, or give another one by --checkpoint`,
    );
  }
  await Deno.mkdir(directory, { recursive: true });
  await writeWhole(join(directory, FILE), JSON.stringify({ format: FORMAT, settings }, null, 2));
}

/**
 * The settings that are kept in a directory.
 *
 * @throws {Error} if there are none, or another value than theirs is asked for
 */
export async function resumedSettings(directory: string, given: GivenSettings): Promise<Settings> {
  const refuse = (rule: string): never => {
    throw new Error(`Cannot resume from ${directory}: ${rule}`);
  };
  const { format, settings } = await read(directory) ??
    refuse(`it must hold checkpoints of this program, got no ${FILE}`);
  if (format !== FORMAT) refuse(`${FILE} must have the format "${FORMAT}", got "${format}"`);
  for (const [name, option] of Object.entries(OPTIONS) as [keyof Settings, string][]) {
    if (given[name] === undefined || given[name] === settings[name]) continue;
    refuse(`${option} must be ${settings[name]}, as it was, or left out, got ${given[name]}`);
  }
  return settings;
}

async function read(
  directory: string,
): Promise<{ format: string; settings: Settings } | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(join(directory, FILE)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`Cannot read ${join(directory, FILE)}: ${(error as Error).message}`);
  }
}
