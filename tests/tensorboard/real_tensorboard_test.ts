import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { TensorBoard } from "../../callbacks/tensorboard.ts";
import { Trainee } from "../callbacks/logger_fixtures.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { backendTest } from "../support/test.ts";
import { readRun, scalarsOf, valuesOf } from "./event_reader.ts";

/** A Python that has the package tensorboard; another one may be named. */
const PYTHON = Deno.env.get("TENSORBOARD_PYTHON") ?? "python3";

/** Prints all that TensorBoard's own reader finds in a run, as JSON. */
const READER = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
run = EventAccumulator(sys.argv[1], size_guidance=dict.fromkeys(
    ["scalars", "histograms", "images", "tensors"], 0))
run.Reload()
tags = run.Tags()
print(json.dumps({
    "version": run.file_version,
    "scalars": {t: [[e.step, e.value] for e in run.Scalars(t)] for t in tags["scalars"]},
    "histograms": {t: [[e.step, e.histogram_value.num, list(e.histogram_value.bucket)]
        for e in run.Histograms(t)] for t in tags["histograms"]},
    "images": {t: [[e.step, e.width, e.height, len(e.encoded_image_string)]
        for e in run.Images(t)] for t in tags["images"]},
    "texts": {t: [[e.step, e.tensor_proto.string_val[0].decode()]
        for e in run.Tensors(t)] for t in tags["tensors"]},
}))
`;

async function python(...args: string[]): Promise<{ success: boolean; text: string }> {
  try {
    const { success, stdout } = await new Deno.Command(PYTHON, { args, stderr: "null" }).output();
    return { success, text: new TextDecoder().decode(stdout) };
  } catch {
    return { success: false, text: "" };
  }
}

backendTest(
  "TensorBoard's own reader finds the same as ours",
  "cpu",
  () =>
    withTempDir(async (directory) => {
      if (!(await python("-c", "import tensorboard")).success) {
        console.log(`not tested: there is no ${PYTHON} with the package tensorboard here`);
        return;
      }
      const trainee = new Trainee(),
        board = new TensorBoard(directory, {
          everyBatches: 2,
          histograms: 1,
          images: () => ({ noise: tf.randomUniform([3, 6, 5, 3]) }),
          text: { config: "# é\n" },
        });
      await trainee.fit({ epochs: 3, validationSplit: 0.2, callbacks: [board] });
      trainee.close();
      for (const run of ["train", "val"]) {
        const { success, text } = await python("-c", READER, `${directory}/${run}`);
        assert.ok(success);
        const events = await readRun(`${directory}/${run}`);
        const byTag = <Item extends { tag: string }>(items: Item[], row: (item: Item) => unknown) =>
          Object.fromEntries(
            [...Map.groupBy(items, ({ tag }) => tag)].map(([tag, all]) => [tag, all.map(row)]),
          );
        assert.deepEqual(JSON.parse(text), {
          version: 2,
          scalars: scalarsOf(events),
          histograms: byTag(
            valuesOf(events, "histo"),
            ({ step, value }) => [step, value.num, value.bucket],
          ),
          images: byTag(
            valuesOf(events, "image"),
            (
              { step, value },
            ) => [step, value.width, value.height, value.encoded_image_string.length],
          ),
          texts: byTag(
            valuesOf(events, "tensor"),
            ({ step, value }) => [step, new TextDecoder().decode(value.string_val[0])],
          ),
        });
      }
    }),
);
