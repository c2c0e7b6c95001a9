/** Fits for ever, and says so at the end of each epoch. Arguments: the directory of the logs. */
import * as tfl from "@tensorflow/tfjs-layers";
import { CsvLogger } from "../../callbacks/csv_logger.ts";
import { JsonlLogger } from "../../callbacks/jsonl_logger.ts";
import { TensorBoard } from "../../callbacks/tensorboard.ts";
import { useBackend } from "../support/backends.ts";
import { Trainee } from "./logger_fixtures.ts";

class Say extends tfl.Callback {
  override onEpochEnd(epoch: number): Promise<void> {
    console.log(epoch);
    return Promise.resolve();
  }
}

const [directory] = Deno.args;
await useBackend("cpu");
await new Trainee().fit({
  epochs: 1e6,
  callbacks: [
    new CsvLogger(`${directory}/log.csv`, { everyBatches: 1 }),
    new JsonlLogger(`${directory}/log.jsonl`, { every: "batch" }),
    new TensorBoard(directory!, { everyBatches: 1, flushSeconds: 0 }),
    new Say(),
  ],
});
