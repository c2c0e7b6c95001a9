import { dirname, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { allowed } from "./permissions.ts";
import { taskArguments } from "./task_arguments.ts";

/** How the program was started. */
export interface Start {
  /** Its module, a URL. */
  readonly module: string;
  /** Whether Deno runs it, not Node. */
  readonly isDeno: boolean;
  /** The file that was started, as the system knows it. */
  readonly file: string;
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The command that goes on with a run: the one that began it, with `--resume`. */
export function resumeCommand(
  args: readonly string[] = process.argv.slice(2),
  start: Start = present(),
): string {
  const rest = taskArguments(args).filter((arg) => arg !== "--resume");
  return [...programOf(start), ...rest, "--resume"].map(quoted).join(" ");
}

/** The words by which the program can be started again in the same way. */
export function programOf({ module, isDeno, file, directory, env }: Start): readonly string[] {
  if (isDeno) {
    if (!module.startsWith("file:")) return ["deno", "run", "-A", "jsr:@signalfit/cli"];
    const path = fileURLToPath(module);
    if (/[\\/]node_modules[\\/]|[\\/]npm[\\/]registry/.test(path)) {
      return ["deno", "run", "-A", "npm:@signalfit/cli"];
    }
    // A task begins in the directory of the checkout, and says where it was called.
    if (env.INIT_CWD !== undefined && path.startsWith(directory)) return ["deno", "task", "cli"];
    const near = relative(directory, path);
    return ["deno", "run", "-A", near.startsWith("..") ? path : near];
  }
  const isOnPath = env.npm_command === undefined && /[\\/]signalfit$/.test(file) &&
    (env.PATH ?? "").split(":").includes(dirname(file));
  return isOnPath ? ["signalfit"] : ["npx", "-p", "@signalfit/cli", "signalfit"];
}

function present(): Start {
  return {
    module: new URL("../mod.ts", import.meta.url).href,
    isDeno: "Deno" in globalThis,
    file: process.argv[1] ?? "",
    directory: allowed("read", () => process.cwd(), ""),
    env: allowed("env", () => process.env, {}),
  };
}

/** An argument as a shell takes it. */
function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`;
}
