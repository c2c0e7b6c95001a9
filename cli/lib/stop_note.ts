import type { TextOutput } from "@signalfit/tfjs";

/** Takes away what the cursor's line shows, such as a bar and "^C". */
const CLEAR = "\r\x1b[K";

/**
 * Tells of Ctrl-C when it comes, on a line of its own; the caller ends this.
 *
 * @param words what is told; null where a Checkpoint does so, which only needs the line
 */
export function onStopNote(
  signal: AbortSignal,
  output: TextOutput,
  words: string | null,
): () => void {
  const tell = () =>
    output.write(`${output.isTerminal ? CLEAR : ""}${words === null ? "" : `${words}\n`}`);
  signal.addEventListener("abort", tell, { once: true });
  return () => signal.removeEventListener("abort", tell);
}
