import assert from "node:assert/strict";
import { useBackend } from "../support/backends.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { type CommandLine, type Ended, reportOf, runToEnd, trainingCommand } from "./process.ts";
import { outcomeOf, type Plan, prepare, train } from "./run.ts";

/** A network whose weights alone take 98 kB, and a checkpoint 0.8 MB. */
const PLAN: Plan = { optimizer: "adamf", epochs: 1, everySteps: 2, units: 4000 };
const MORE: Plan = { ...PLAN, epochs: 2 };

/** A way to break a directory, as pieces of a shell script in which $D is the directory. */
interface Fault {
  readonly name: string;
  /** Opens a shell in which the pieces can be run. */
  readonly shell: CommandLine;
  readonly setUp?: string;
  readonly breaks: string;
  readonly heals?: string;
  /** What stands before the command that meets the fault. */
  readonly prefix?: string;
}

const works = async ([command, ...args]: CommandLine): Promise<boolean> => {
  try {
    return (await new Deno.Command(command, { args, stderr: "null" }).output()).success;
  } catch {
    return false;
  }
};

/** A shell that may mount, in a namespace that goes with it. */
async function mountingShell(): Promise<CommandLine | undefined> {
  const shells: CommandLine[] = [["unshare", "-m", "sh", "-ec"], ["unshare", "-rm", "sh", "-ec"]];
  for (const shell of shells) {
    if (await works([...shell, "mount -t tmpfs tmpfs /mnt"])) return shell;
  }
  return undefined;
}

const PLAIN: CommandLine = ["sh", "-ec"];
const mounting = await mountingShell();

/** A lock and the topology fit into what is left of a full disk, weights do not. */
const FULL: Fault = mounting === undefined
  ? {
    name: "a limit on the size of files (ulimit -f), as nothing can be mounted",
    shell: PLAIN,
    breaks: "true",
    prefix: "trap '' XFSZ; ulimit -f 128;",
  }
  : {
    name: "a tmpfs of 8 MB that is filled",
    shell: mounting,
    setUp: "mount -t tmpfs -o size=8m tmpfs $D",
    breaks: "cat /dev/zero > $D/filler 2> /dev/null || truncate -s -32768 $D/filler",
    heals: "rm $D/filler",
  };

/** Whom permissions hold: not root, unless a capability is taken from him. */
const UNPRIVILEGED = Deno.uid() === 0 ? "setpriv --bounding-set=-dac_override" : "";

const READ_ONLY: Fault = mounting === undefined
  ? {
    name: `permissions (${UNPRIVILEGED || "chmod"}), as nothing can be mounted`,
    shell: PLAIN,
    breaks: "chmod 555 $D",
    heals: "chmod 755 $D",
    prefix: UNPRIVILEGED,
  }
  : {
    name: "a tmpfs that is mounted anew read-only",
    shell: mounting,
    setUp: "mount -t tmpfs tmpfs $D",
    breaks: "mount -o remount,ro $D",
    heals: "mount -o remount,rw $D",
  };

/** Trains, then goes on with the fault, then without: what each of the three has printed. */
async function trainThrough(fault: Fault, directory: string): Promise<Ended[]> {
  const { shell, setUp = "true", breaks, heals = "true", prefix = "" } = fault;
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const trains = (plan: Plan) => trainingCommand("train", directory, plan).map(quote).join(" ");
  const script = [
    `D=${quote(directory)}`,
    setUp,
    trains(PLAN),
    "echo ---",
    breaks,
    `(${prefix} ${trains(MORE)}) || true`,
    "echo ---",
    "ls -A $D | grep -v filler | sort",
    heals,
    "echo ---",
    trains(MORE),
  ].join("\n");
  const ended = await runToEnd([...shell, script]);
  const parts = ended.lines.join("\n").split("---\n").map((part) => part.trim().split("\n"));
  assert.equal(parts.length, 4, `${ended.lines}\n${ended.stderr}`);
  return parts.map((lines) => ({ ...ended, lines }));
}

let expected: Promise<unknown> | undefined;

/** What the run leaves that met no fault. */
async function neverBroken(directory: string): Promise<unknown> {
  await useBackend("cpu");
  const run = prepare(directory, { ...MORE, everySteps: null, everyEpochs: null });
  await train(run);
  const outcome = await outcomeOf(run);
  run.dispose();
  return JSON.parse(JSON.stringify(outcome));
}

for (
  const [what, fault, error] of [
    [
      "full disk",
      FULL,
      mounting === undefined
        ? /^Cannot save a checkpoint to .*: (the file is larger than|File too large)/
        : /^Cannot save a checkpoint to .*: no space is left on the device \(/,
    ],
    [
      "read-only directory",
      READ_ONLY,
      mounting === undefined
        ? /^Cannot keep checkpoints in .*: permission denied \(/
        : /^Cannot keep checkpoints in .*: the file system is read-only \(/,
    ],
  ] as const
) {
  Deno.test(`faults - a ${what} is told of, and the older checkpoints stay: ${fault.name}`, () =>
    withTempDir(async (directory) => {
      const [before, broken, files, after] = await trainThrough(fault, directory);
      assert.equal(reportOf(before!).error, undefined);
      assert.match(reportOf(broken!).error ?? "no error", error);
      assert.deepEqual(files!.lines, ["000001-step-2", "000002-step-4", "000003-step-5"]);
      const { start, outcome } = reportOf(after!);
      assert.deepEqual([start!.globalStep, start!.skipped], [5, []]);
      // The network learns on from there as if nothing had been.
      assert.deepEqual(outcome, await (expected ??= neverBroken(`${directory}/whole`)));
    }));
}
