/** The command that goes on with a run: the one that began it, with `--resume`. */
export function resumeCommand(args: readonly string[]): string {
  const rest = args.filter((arg) => arg !== "--resume");
  return ["signalfit", ...rest, "--resume"].map(quoted).join(" ");
}

/** An argument as a shell takes it. */
function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`;
}
