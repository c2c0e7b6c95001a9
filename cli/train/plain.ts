import { isMatcher, showMatcher } from "@signalfit/tfjs/parts";
import type { GivenOptions } from "./optimizers.ts";

/** Options as plain data for JSON: an expression becomes text between slashes. */
export function plain(options: GivenOptions): GivenOptions {
  return JSON.parse(
    JSON.stringify(
      options,
      (_, value) => value instanceof RegExp && isMatcher(value) ? showMatcher(value) : value,
    ),
  );
}
