// @ts-types="./cli_progress.d.ts"
import { SingleBar } from "cli-progress";
import process from "node:process";
import { styleText } from "node:util";
import { noColor } from "./terminal.ts";

/** Columns for a bar beside so many columns of words. */
export function barWidth(words: number): number {
  return Math.max(4, Math.min(30, (process.stderr.columns ?? 80) - words));
}

/** A bar of so many columns on standard error, with `{words}` behind it and perhaps a name before. */
export function createBar(width: number, name = ""): SingleBar {
  const bar = noColor() ? "{bar}" : styleText("cyan", "{bar}", { validateStream: false });
  return new SingleBar({
    format: `${name}${bar} {words}`,
    barCompleteChar: "━",
    barIncompleteChar: "╌",
    barsize: width,
    hideCursor: true,
    gracefulExit: false, // The program has a handler of its own.
  });
}

/** A time in milliseconds as m:ss. */
export function minutes(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
