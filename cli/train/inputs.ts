import { OWN_DATA } from "../data/load.ts";
import type { OptionPath } from "../lib/outputs.ts";
import { MODEL_NAMES } from "./model_source.ts";

/** The files and directories that a training reads, by option. */
export function inputsOf(
  { data, model }: { readonly data: string; readonly model?: string | undefined },
): readonly OptionPath[] {
  const pathOf = (word: string | undefined, names: readonly string[]) =>
    word !== undefined && names.includes(word) ? undefined : word;
  return [
    { option: "--data", path: pathOf(data, OWN_DATA) },
    { option: "--model", path: pathOf(model, MODEL_NAMES) },
  ];
}
