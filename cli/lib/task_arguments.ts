/** The arguments of a task: `deno task demo -- --live` hands over the "--" too. */
export function taskArguments(args: readonly string[]): readonly string[] {
  return args[0] === "--" ? args.slice(1) : args;
}
