// A training process for tests: child.ts <mode> <directory> <plan as JSON>. It prints what it begins from,
// the number of each batch, and its outcome as JSON. Modes: "train"; "hold", in which each batch waits
// for a line; "throw", in the first batch, and then waits. It runs in Node as well.
import fs from "node:fs";
import process from "node:process";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-cpu";
import { type Outcome, outcomeOf, type Plan, prepare, type Prepared, train } from "./run.ts";

tf.enableProdMode();
await tf.setBackend("cpu");
const [mode, directory, json] = process.argv.slice(2) as [string, string, string];
const plan = JSON.parse(json) as Plan;

/** Says where the run stands. */
class Says extends tfl.Callback {
  override onTrainBegin(): Promise<void> {
    say(`training from ${run.checkpoint.newest ?? "nothing"}`);
    return Promise.resolve();
  }
  override async onBatchEnd(batch: number): Promise<void> {
    say(`batch ${batch}`);
    if (mode === "throw") throw new Error("broken on purpose");
    if (mode === "hold") await input();
  }
}

/** Waits for a line from the test. */
async function input(): Promise<void> {
  await new Promise((resolve) => {
    fs.read(0, new Uint8Array("go on\n".length), 0, "go on\n".length, null, resolve);
  });
}

function say(line: string): void {
  fs.writeSync(1, `${line}\n`);
}

const run: Prepared = prepare(directory, { ...plan, before: () => [new Says()] });
try {
  const start = await train(run);
  const outcome: Outcome = await outcomeOf(run);
  const { interrupted, exitCode } = run.checkpoint;
  say(JSON.stringify({ start, interrupted, outcome }));
  process.exitCode = exitCode;
} catch (error) {
  say(JSON.stringify({ error: (error as Error).message }));
  if (mode === "throw") await input();
  process.exitCode = 1;
}
