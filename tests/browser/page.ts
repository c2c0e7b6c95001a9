/** The browser's side of browser_test.ts: runs the cases below and leaves what came out on window. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-backend-webgpu";
import { adamf } from "@signalfit/tfjs";
import { gpuBackend } from "../../src/engines/webgpu/backend.ts";
import { PACKED_ELEMENTS } from "../../src/engines/webgpu/plan.ts";
import {
  type Case as Variable,
  LARGE,
  lockstep,
  SMALL,
  withinRounding,
} from "../engines/lockstep.ts";
import type { BackendName } from "../support/backends.ts";
import { engineNamed, ENGINES } from "../support/engines.ts";
import { smallData, smallModel } from "../support/models.ts";
import { RULES } from "../support/rule_table.ts";

/** What came of a case. */
export interface Outcome {
  readonly name: string;
  /** The backend that it ran on. */
  readonly backend: string;
  /** The engine that it ran on. */
  readonly engine: string;
  /** What went wrong; nothing if empty. */
  readonly errors: readonly string[];
}

/** Something to try on a backend; gives the name of the engine that ran. */
interface Case {
  readonly name: string;
  readonly backend: BackendName;
  readonly run: () => Promise<string>;
}

/** Chromium's software driver takes denormals for 0, read or written; the others keep them. */
const CHECKS = {
  cpu: withinRounding(),
  wasm: withinRounding(),
  webgpu: withinRounding(2 ** -126),
};

const FEW = ["sgdf", "nesterov"];
const MORE = [...FEW, "sgdf, gamma 0.7", "adamf, amsgrad", "adamw"];

/** Variables too big to be packed: one handled by vectors, one that is not whole vectors. */
const BIG = [4, 1].map((more): Variable => ({ shape: [PACKED_ELEMENTS + more], kind: "mixed" }));

const CASES: readonly Case[] = [
  ...ENGINES
    .filter(({ engine }) => engine !== "portable") // which is made of tfjs's own operations
    .flatMap(({ engine, backend }) =>
      (engine === "webgpu" ? MORE : FEW).map((rule): Case => ({
        name: `lockstep with float64: ${rule}, ${engine} on ${backend}`,
        backend,
        async run() {
          const tested = engineNamed(engine);
          const row = RULES.find(({ name }) => name === rule)!;
          await lockstep(tested, row, SMALL, 12, CHECKS[backend]);
          await lockstep(tested, row, LARGE, 3, CHECKS[backend]);
          if (engine === "webgpu" && rule === "sgdf") {
            await lockstep(tested, row, BIG, 2, CHECKS[backend]);
          }
          await tested.check?.();
          return tested.name;
        },
      }))
    ),
  ...(["cpu", "wasm", "webgpu"] as const).map((backend): Case => ({
    name: `adamf through fit on ${backend}`,
    backend,
    run: fit,
  })),
];

/** Trains a small model, whose loss must fall in every epoch. */
async function fit(): Promise<string> {
  const { xs, ys } = smallData(64);
  const model = smallModel();
  const optimizer = adamf({ learningRate: 0.02 });
  try {
    model.compile({ optimizer, loss: "categoricalCrossentropy" });
    const options = { epochs: 4, batchSize: 16, shuffle: false, verbose: 0 } as const;
    const losses = (await model.fit(xs, ys, options)).history.loss as number[];
    await optimizer.check();
    const falls = losses.every((loss, epoch) => loss < (losses[epoch - 1] ?? Infinity));
    if (losses.length !== 4 || !falls) throw new Error(`the losses were ${losses}`);
    return optimizer.engine ?? "none";
  } finally {
    model.dispose();
    optimizer.dispose();
    tf.dispose([xs, ys]);
  }
}

/** Runs a case; what the device reports to nobody else counts as an error of it. */
async function outcomeOf({ name, backend, run }: Case): Promise<Outcome> {
  const errors: string[] = [];
  const listen = (event: Event) => {
    errors.push(`uncaptured: ${(event as GPUUncapturedErrorEvent).error.message}`);
  };
  let device: GPUDevice | undefined;
  let engine = "none";
  try {
    if (!await tf.setBackend(backend)) throw new Error(`the ${backend} backend does not start`);
    device = gpuBackend()?.device;
    device?.addEventListener("uncapturederror", listen);
    engine = await run();
    await device?.queue.onSubmittedWorkDone();
  } catch (error) {
    errors.push(error instanceof Error ? error.stack ?? error.message : String(error));
    tf.disposeVariables(); // so that the next case does not meet their names
  } finally {
    device?.removeEventListener("uncapturederror", listen);
  }
  return { name, backend: tf.getBackend(), engine, errors };
}

tf.enableProdMode(); // no banner
tf.env().set("WEBGPU_CPU_FORWARD", false); // else small tensors are computed on the CPU
setWasmPaths("/");
const outcomes: Outcome[] = [];
for (const item of CASES) outcomes.push(await outcomeOf(item));
Object.assign(globalThis, { outcomes: JSON.stringify(outcomes) });
