/** The reason for which a model cannot be saved or loaded, without the sentence around it. */
export class Refusal extends Error {
  /** What the error is called. */
  override readonly name = "Refusal";
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "the operation is not permitted",
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is exhausted",
  EFBIG: "the file is larger than the file system or the process may write",
  EROFS: "the file system is read-only",
  EEXIST: "a file stands where a directory is needed",
  ENOTDIR: "a file stands where a directory is needed",
  EISDIR: "a directory stands where a file is needed",
  ENOENT: "no such file or directory",
  ENAMETOOLONG: "the path is too long",
  ELOOP: "the path has too many symbolic links",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  EBUSY: "the file is in use",
  EIO: "the device reports an input/output error",
};

/** The code of a Node error, such as `"ENOENT"`, if the value has one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/**
 * The error that a user sees: what could not be done, where, and why.
 *
 * @param action The start of the sentence, such as `"Cannot load a model from"`.
 * @param directory The directory as the user wrote it.
 * @param error What was thrown. It is kept as the `cause`, unless it is a {@linkcode Refusal},
 * whose own cause is kept.
 */
export function failure(action: string, directory: string, error: unknown): Error {
  if (error instanceof Refusal) {
    return new Error(
      `${action} ${directory}: ${error.message}`,
      error.cause === undefined ? undefined : { cause: error.cause },
    );
  }
  return new Error(`${action} ${directory}: ${describe(error)}`, { cause: error });
}

function describe(error: unknown): string {
  const code = errorCode(error);
  const reason = code === undefined ? undefined : REASONS[code];
  if (reason !== undefined) return `${reason} (${(error as Error).message})`;
  return error instanceof Error ? error.message : String(error);
}
