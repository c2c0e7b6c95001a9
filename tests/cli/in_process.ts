import { parse } from "@optique/core/parser";
import type { Command } from "../../cli/command.ts";
import type { TextOutput } from "../../src/logs/terminal.ts";

/** What a command gave that ran in this process. */
export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command runs. */
export interface RunSettings {
  /** Ctrl-C is pressed once standard error has this. */
  readonly stopAfter?: RegExp;
  /** Whether standard error is a terminal. */
  readonly isTerminal?: boolean;
}

/** Runs a command in this process. Errors come through. */
export async function runCommand(
  command: Command,
  args: readonly string[],
  { stopAfter, isTerminal = false }: RunSettings = {},
): Promise<CommandRun> {
  const parsed = parse(command.parser, args);
  if (!parsed.success) throw new Error(`Cannot parse ${args.join(" ")}`);
  const stop = new AbortController();
  const stdout = textOutput(false);
  const stderr = textOutput(isTerminal, (text) => {
    if (stopAfter?.test(text)) stop.abort();
  });
  const code = await parsed.value({ signal: stop.signal, stdout, stderr }) ?? 0;
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** Output that keeps its text. */
function textOutput(
  isTerminal: boolean,
  onText: (all: string) => void = () => {},
): TextOutput & { readonly text: string } {
  let text = "";
  return {
    isTerminal,
    hasColors: false,
    columns: 80,
    write(more) {
      text += more;
      onText(text);
    },
    get text() {
      return text;
    },
  };
}
