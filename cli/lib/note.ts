import type { TextOutput } from "@signalfit/tfjs";
import { printable } from "./printable.ts";

/**
 * Writes notes, a line each; on a terminal a line that is too long goes on, indented, in the next one,
 * and no word is broken.
 */
export function note(output: TextOutput): (line: string) => void {
  return (line) => {
    const lines = output.isTerminal
      ? printable(line).split("\n").flatMap((each) => wrapped(each, output.columns))
      : [printable(line)];
    output.write(`${lines.join("\n")}\n`);
  };
}

/** A line in parts of so many columns at most, but for words that are longer. */
export function wrapped(line: string, columns: number): string[] {
  const [indent = ""] = /^ */.exec(line) ?? [];
  const lines: string[] = [];
  let last = indent;
  for (const word of line.trim().split(/ +/)) {
    const isEmpty = last.trim() === "";
    const longer = isEmpty ? `${last}${word}` : `${last} ${word}`;
    if (isEmpty || longer.length <= columns) last = longer;
    else {
      lines.push(last);
      last = `${indent}  ${word}`;
    }
  }
  return [...lines, last];
}
