// One rank of a run that tests kill: training_rank.ts <directory> <plan as JSON>. It writes down its process,
// rank 0 says each batch, and each rank leaves its outcome.
import process from "node:process";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-cpu";
import { joinMpi } from "@signalfit/tfjs/mpi";
import { outcomeOf, type Plan, prepare, train } from "../faults/run.ts";

tf.enableProdMode();
await tf.setBackend("cpu");
const [directory, json] = Deno.args as [string, string];
const team = await joinMpi({ timeout: 60 });
Deno.writeTextFileSync(`${directory}/pid.${team.rank}`, String(process.pid));

class Says extends tfl.Callback {
  override onBatchEnd(batch: number): Promise<void> {
    if (team.rank === 0) console.log(`batch ${batch}`);
    return Promise.resolve();
  }
}

const plan = JSON.parse(json) as Plan;
const run = prepare(`${directory}/checkpoints`, { ...plan, after: () => [new Says()] }, team);
const start = await train(run);
const outcome = { start: start?.globalStep ?? 0, outcome: await outcomeOf(run) };
Deno.writeTextFileSync(`${directory}/outcome.${team.rank}`, JSON.stringify(outcome));
