import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import type { LivePage } from "@signalfit/tfjs/live";
import { smallData, smallModel } from "../support/models.ts";

/** A small classifier, compiled, with data to fit; all of it to be disposed of. */
export function smallTask(rows = 64, optimizer: tf.Optimizer = tf.train.sgd(0.1)) {
  const model = smallModel();
  model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  const { xs, ys } = smallData(rows);
  return {
    model,
    xs,
    ys,
    [Symbol.dispose]() {
      model.dispose();
      optimizer.dispose();
      tf.dispose([xs, ys]);
    },
  };
}

/** Presses a button of a page, as the page does. */
export async function press(page: LivePage, action: string): Promise<number> {
  const url = new URL("control", page.url);
  const response = await fetch(url, {
    method: "POST",
    headers: { origin: url.origin, "content-type": "application/json" },
    body: JSON.stringify({ action }),
  });
  await response.body?.cancel();
  return response.status;
}

/** Gives every waiting task of the event loop a turn, a few times. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((done) => setTimeout(done));
}

/** Waits, turn by turn, until a condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turns(1);
}

/** Calls a function after each batch; beside a page, it comes before it. */
export class AfterBatch extends tfl.Callback {
  batches = 0;
  readonly #body: (batches: number) => void | Promise<void>;

  constructor(body: (batches: number) => void | Promise<void> = () => {}) {
    super();
    this.#body = body;
  }

  override async onBatchEnd(): Promise<void> {
    await this.#body(++this.batches);
  }
}

/** The points of a series of a page's run. */
export function pointsOf(page: LivePage, name: string, run = 0) {
  const found = page.getState().runs[run]?.series.find((series) => series.name === name);
  return { x: found?.x ?? [], y: found?.y ?? [] };
}

/** Runs a test in a new directory that is removed afterwards. */
export async function inDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "signalfit-" });
  try {
    await body(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
