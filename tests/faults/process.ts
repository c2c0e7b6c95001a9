// Training processes that tests start, watch and kill.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Outcome, Plan } from "./run.ts";
import type { ResumedTraining } from "@signalfit/tfjs";

/** Whether the long form of the fault tests was asked for: SIGNALFIT_FAULTS=long. */
export const LONG = Deno.env.get("SIGNALFIT_FAULTS") === "long";

/** How a process has ended. */
export interface Ended {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  /** The lines it has printed, and what it has said on stderr. */
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** What is printed at the end. */
export interface Report {
  readonly start?: ResumedTraining;
  readonly interrupted?: string;
  readonly outcome: Outcome;
  readonly error?: string;
}

/** A training process. */
export interface TrainingProcess {
  readonly pid: number;
  /** Waits until it has printed so many lines that a test accepts, or has ended; gives their number. */
  printed(accepts: (line: string) => boolean, count?: number): Promise<number>;
  kill(signal: Deno.Signal): void;
  /** Gives it the line that it waits for. */
  goOn(): Promise<void>;
  readonly ended: Promise<Ended>;
}

/** A command with its arguments. */
export type CommandLine = readonly [command: string, ...args: string[]];

/** The command that trains: see child.ts. */
export function trainingCommand(mode: string, directory: string, plan: Plan): CommandLine {
  const script = fileURLToPath(new URL("child.ts", import.meta.url));
  const args = ["run", "--allow-all", "--quiet", script, mode, directory, JSON.stringify(plan)];
  return [Deno.execPath(), ...args];
}

/** Starts a process. */
export function start([command, ...args]: CommandLine): TrainingProcess {
  const child = new Deno.Command(command, {
    args,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  const lines: string[] = [], errors: string[] = [];
  let wake = () => {}, isOver = false;
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>, into: string[]) => {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop()!;
      into.push(...parts);
      wake();
    }
    if (rest !== "") into.push(rest);
  };
  const ended = (async () => {
    const [{ code, signal }] = await Promise.all([
      child.status,
      read(child.stdout, lines),
      read(child.stderr, errors),
    ]);
    isOver = true;
    wake();
    await input.close().catch(() => {});
    return { code, signal, lines, stderr: errors.join("\n") };
  })();
  return {
    pid: child.pid,
    ended,
    kill(signal) {
      try {
        child.kill(signal);
      } catch {
        // It has ended by itself.
      }
    },
    goOn: () => input.write(new TextEncoder().encode("go on\n")),
    async printed(accepts, count = 1) {
      while (true) {
        const found = [...lines, ...errors].filter(accepts).length;
        if (found >= count || isOver) return found;
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
  };
}

/** Runs a process to its end. */
export async function runToEnd(command: CommandLine): Promise<Ended> {
  return await start(command).ended;
}

/** What a process has reported at its end. */
export function reportOf({ lines, stderr, code }: Ended): Report {
  const last = lines.at(-1) ?? "";
  assert.ok(last.startsWith("{"), `it ended with ${code} and no report: ${last} ${stderr}`);
  return JSON.parse(last);
}
