import type { TextOutput } from "@signalfit/tfjs";
import type { Team } from "@signalfit/tfjs/mpi";

/** What a command is given besides its options. */
export interface Context {
  /** Aborted by Ctrl-C: the command then prints what it has and returns, and the program ends with 130. */
  readonly signal: AbortSignal;
  /** Where results go: a table, a report, or one JSON document. */
  readonly stdout: TextOutput;
  /** Where all else goes: progress where it is a terminal, and notes. */
  readonly stderr: TextOutput;
  /** The processes that MPI has started with this one; null, or left out, where it is alone. */
  readonly team?: Team | null;
}
