import type { CheckpointHead } from "./checkpoint.ts";
import type { GivenSettings, Settings } from "./settings.ts";

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
};

/**
 * The settings of a checkpoint.
 *
 * @throws {Error} if another value than its own is asked for
 */
export function resumedSettings(
  { settings }: CheckpointHead,
  given: GivenSettings,
  directory: string,
): Settings {
  for (const [name, option] of Object.entries(OPTIONS) as [keyof Settings, string][]) {
    if (given[name] === undefined || given[name] === settings[name]) continue;
    throw new Error(
      `Cannot resume from ${directory}: ${option} must be ${settings[name]}, as it was, or left ` +
        `out, got ${given[name]}`,
    );
  }
  return settings;
}
