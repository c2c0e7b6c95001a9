import process from "node:process";
import { or } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { command } from "@optique/core/primitives";
import { run } from "@optique/run";
import { VERSION } from "@signalfit/tfjs/parts";
import type { Command, Task } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { EXIT } from "./exit_codes.ts";
import { printable } from "./lib/printable.ts";
import { runMain } from "./lib/run_main.ts";
import { isFirst, joinTeam, NOWHERE } from "./lib/team.ts";
import { terminal } from "./lib/terminal.ts";
import { missing, shortUsage, unexpected } from "./usage.ts";

/** The name of the program. */
export const PROGRAM = "signalfit";

/** Reads the command line and carries it out; ends the process. */
export async function main(): Promise<never> {
  // `deno task cli -- train` and `deno task demo -- --live` hand the dashes on.
  const args = process.argv.slice(2).filter((arg, i) => arg !== "--" || i > 1);
  const task = readTask(args.length === 0 ? ["--help"] : args);
  return await runMain(async (signal) => {
    const team = await joinTeam();
    const [stdout, stderr] = isFirst(team)
      ? [terminal("stdout"), terminal("stderr")]
      : [NOWHERE, NOWHERE];
    return await task({ signal, stdout, stderr, team });
  });
}

/** After help, a version, a completion script and a command line that is wrong, the process ends. */
function readTask(args: readonly string[]): Task {
  const [stdout, stderr] = [terminal("stdout"), terminal("stderr")];
  const asked = COMMANDS.find(({ name }) => name === args[0]);
  return run(
    or(...COMMANDS.map(parserOf), {
      errors: {
        noMatch: missing(COMMANDS),
        unexpectedInput: (token) => unexpected(token, asked, COMMANDS),
      },
    }),
    {
      args,
      programName: PROGRAM,
      version: { value: VERSION, option: true },
      help: { option: { names: ["-h", "--help"] }, command: true },
      completion: { command: true },
      brief: message`Training add-ons for TensorFlow.js, from the command line.`,
      usageLine: [{ type: "literal", value: "COMMAND [OPTIONS]" }],
      footer:
        message`Exit codes: 0 done, 1 failed, 2 the command line was wrong, 130 stopped by Ctrl-C, 143 by SIGTERM. The variable NO_COLOR keeps the output plain.`,
      colors: stdout.hasColors,
      commandList: "top-level",
      showDefault: { prefix: " (default: ", suffix: ")" },
      showChoices: true,
      termWidth: "auto",
      aboveError: "none",
      errorExitCode: EXIT.usage,
      // A default is no text to be quoted.
      stdout: (text) =>
        stdout.write(`${text.replace(/\(default:(\s+)"([^"]*)"\)/g, "(default:$1$2)")}\n`),
      stderr: (text) =>
        stderr.write(printable(
          text.startsWith("Error:") ? `${text}\nHelp: ${helpFor(asked)}\n` : `${text}\n`,
        )),
    },
  );
}

const parserOf = ({ name, parser, brief, description, footer }: Command) =>
  command(name, parser, { brief, description, footer, usageLine: shortUsage });

function helpFor(command: Command | undefined): string {
  return [PROGRAM, ...command === undefined ? [] : [command.name], "--help"].join(" ");
}
