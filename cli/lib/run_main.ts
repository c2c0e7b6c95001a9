import process from "node:process";
import { EXIT, type ExitCode, UsageError } from "../exit_codes.ts";

/**
 * Runs a program that Ctrl-C stops by a signal, and ends the process: with what the program returned,
 * else with 0; with 130 after Ctrl-C, a second one ending it at once; or with 1 after an error, which
 * is printed (2 after a {@link UsageError}).
 */
export async function runMain(
  program: (signal: AbortSignal) => Promise<ExitCode | void>,
): Promise<never> {
  const stop = new AbortController();
  process.on("SIGINT", () => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    stop.abort();
  });
  let code: ExitCode | void = undefined;
  try {
    code = await program(stop.signal);
  } catch (error) {
    // What was under way when it was interrupted may fail for that reason alone.
    if (!stop.signal.aborted || !isAbort(error)) {
      console.error(`Error: ${error instanceof Error ? error.message : error}`);
      process.exit(error instanceof UsageError ? EXIT.usage : EXIT.failed);
    }
  }
  process.exit(stop.signal.aborted ? EXIT.interrupted : code ?? EXIT.ok);
}

function isAbort(error: unknown): boolean {
  return (error as { name?: string } | null)?.name === "AbortError";
}
