import { fileURLToPath } from "node:url";

// Programs are started here as by hand, not by the task that may have started the tests.
Deno.env.delete("INIT_CWD");

/** The program's file. */
export const CLI = fileURLToPath(new URL("../../cli/mod.ts", import.meta.url));

/** What a run of the program gave. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run the program. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Deno's flags, the permissions among them. */
  readonly flags?: readonly string[];
  /** The file to run. */
  readonly file?: string;
  readonly cwd?: string;
}

/** Runs `signalfit` with the given arguments, its output to be read by no terminal. */
export async function signalfit(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { env, flags = ["-A"], file = CLI, cwd } = options;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...flags, file, ...args],
    env: { NO_COLOR: "1", COLUMNS: "100", ...env },
    cwd,
  });
  return textOf(await command.output());
}

/** A run's output as text. */
export function textOf({ code, stdout, stderr }: Deno.CommandOutput): Run {
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs a line of bash in which `signalfit` is the program. */
export async function bash(line: string): Promise<Run> {
  const program = `signalfit() { "${Deno.execPath()}" run -A --quiet "${CLI}" "$@"; }\n`;
  const env = { NO_COLOR: "1", COLUMNS: "100" };
  const command = new Deno.Command("bash", { args: ["-c", program + line], env });
  return textOf(await command.output());
}

/** A run on a terminal. */
export interface TerminalRun {
  readonly code: number;
  /** All that the terminal was sent. */
  readonly screen: string;
}

/** What is typed, once the terminal has shown something. */
export interface Typed {
  readonly after: RegExp;
  readonly keys: string;
}

/** The key Ctrl-C. */
export const CTRL_C = "\x03";

/**
 * Runs a line of bash with `signalfit` on a terminal of its own (util-linux's `script`).
 *
 * @param line may send standard output elsewhere
 */
export async function onTerminal(
  line: string,
  { typed, env }: { readonly typed?: Typed; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<TerminalRun> {
  const program = `"${Deno.execPath()}" run -A --quiet "${CLI}"`;
  const command = line.replaceAll("signalfit", program);
  const child = new Deno.Command("script", {
    args: ["--quiet", "--return", "--command", `stty cols 80; exec ${command}`, "/dev/null"],
    env: { SHELL: "/bin/bash", TERM: "xterm", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  let [screen, isTyped] = ["", typed === undefined];
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    screen += text;
    if (isTyped || !typed!.after.test(screen)) continue;
    isTyped = true;
    await keyboard.write(new TextEncoder().encode(typed!.keys));
  }
  await keyboard.close().catch(() => {}); // The program may have ended before.
  return { code: (await child.status).code, screen };
}
