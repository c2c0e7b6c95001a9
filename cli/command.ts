import { map } from "@optique/core/modifiers";
import type { Message } from "@optique/core/message";
import type { Parser } from "@optique/core/parser";
import type { Context } from "./context.ts";
import type { ExitCode } from "./exit_codes.ts";

/** What a command does once its options are read. Errors that it throws end the program with 1. */
export type Task = (context: Context) => Promise<ExitCode | void>;

/** What a command is made of. */
export interface CommandParts<Options> {
  /** Its name on the command line. */
  readonly name: string;
  /** One sentence for the list of commands. */
  readonly brief: Message;
  /** More of it, for its own help. */
  readonly description?: Message;
  /** Examples of use and the like, at the end of its help. */
  readonly footer?: Message;
  /** Its options. */
  readonly parser: Parser<"sync", Options, unknown>;
  /**
   * Carries it out. What takes long to load is imported here, so that help and completions come at
   * once. An exit code that is not returned is 0, or 130 after Ctrl-C.
   */
  readonly run: (options: Options, context: Context) => Promise<ExitCode | void>;
}

/** A command of the program. */
export interface Command extends Omit<CommandParts<unknown>, "parser" | "run"> {
  /** Reads its options and gives what is to be done. */
  readonly parser: Parser<"sync", Task, unknown>;
}

/** A command, with options and the function that takes them kept together. */
export function defineCommand<Options>(
  { parser, run, ...rest }: CommandParts<Options>,
): Command {
  return { ...rest, parser: map(parser, (options): Task => (context) => run(options, context)) };
}
