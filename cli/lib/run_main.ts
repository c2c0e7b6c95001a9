import process from "node:process";
import { note } from "./note.ts";
import { terminal } from "./terminal.ts";
import { EXIT, type ExitCode, UsageError } from "../exit_codes.ts";

/** What a process ends with after a signal; Windows has no SIGTERM. */
const SIGNALS: Readonly<Record<string, ExitCode>> = {
  SIGINT: EXIT.interrupted,
  ...process.platform === "win32" ? {} : { SIGTERM: EXIT.terminated },
};

/**
 * Runs a program that Ctrl-C and SIGTERM stop by a signal, and ends the process: with what the program
 * returned, else with 0; with 130 after Ctrl-C and 143 after SIGTERM, a second one ending it at once; or
 * with 1 after an error, which is printed (2 after a {@link UsageError}).
 */
export async function runMain(
  program: (signal: AbortSignal) => Promise<ExitCode | void>,
): Promise<never> {
  const stop = new AbortController();
  let stopped: ExitCode | undefined;
  for (const [name, exitCode] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(exitCode);
      stopped = exitCode;
      stop.abort();
    });
  }
  let code: ExitCode | void = undefined;
  try {
    code = await program(stop.signal);
  } catch (error) {
    // What was under way when it was interrupted may fail for that reason alone.
    if (!stop.signal.aborted || !isAbort(error)) {
      const words = error instanceof Error ? error.message : String(error);
      note(terminal("stderr"))(`Error: ${words}`);
      process.exit(error instanceof UsageError ? EXIT.usage : EXIT.failed);
    }
  }
  process.exit(stopped ?? code ?? EXIT.ok);
}

function isAbort(error: unknown): boolean {
  return (error as { name?: string } | null)?.name === "AbortError";
}
