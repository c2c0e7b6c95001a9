/** Exit code after Ctrl-C: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

/**
 * Runs a program that Ctrl-C stops by a signal, and ends the process: with 0, with 130 after Ctrl-C, a
 * second one ending it at once, or with 1 after an error, which is printed.
 */
export async function runMain(program: (signal: AbortSignal) => Promise<void>): Promise<never> {
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => {
    if (stop.signal.aborted) Deno.exit(INTERRUPTED);
    stop.abort();
  });
  try {
    await program(stop.signal);
  } catch (error) {
    console.error(`Error: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
  Deno.exit(stop.signal.aborted ? INTERRUPTED : 0);
}
