/** How the program ends. */
export const EXIT = {
  /** It did what it was asked to. */
  ok: 0,
  /** Something failed: a training, a file, a self-test. */
  failed: 1,
  /** The command line was wrong. */
  usage: 2,
  /** Ctrl-C: 128 and the number of SIGINT. */
  interrupted: 130,
  /** SIGTERM: 128 and its number. */
  terminated: 143,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = typeof EXIT[keyof typeof EXIT];

/** A command line that cannot be carried out, found out only while the command ran. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
