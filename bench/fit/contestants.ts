import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { adamf, installTrainingKernels } from "../../mod.ts";
import { type Backend, startBackend } from "../../cli/bench/backends.ts";
import type { Network } from "./networks.ts";

/** Who trains, on which backend. */
export interface Contestant {
  readonly name: string;
  readonly backend: Backend;
  /** Whether this library's kernels are installed. */
  readonly kernels: boolean;
  readonly optimizer: () => tf.Optimizer;
}

/**
 * tfjs alone, with our optimizer, and with our kernels too. On cpu, where a batch can take half a minute,
 * there is nothing between the first and the last.
 */
export function contestantsOn(backend: Backend): Contestant[] {
  const alone = { backend, kernels: false };
  return [
    { ...alone, name: "tfjs alone", optimizer: () => tf.train.adam(1e-3) },
    ...backend.name === "cpu" ? [] : [{ ...alone, name: "our adamf", optimizer: () => adamf() }],
    { backend, kernels: true, name: "our adamf and kernels", optimizer: () => adamf() },
  ];
}

/** A contestant's network, ready to be trained. */
export class Fit {
  readonly #contestant: Contestant;
  readonly #network: Network;
  readonly #model: tfl.LayersModel;
  readonly #optimizer: tf.Optimizer;

  private constructor(contestant: Contestant, network: Network) {
    this.#contestant = contestant;
    this.#network = network;
    this.#model = network.build();
    this.#optimizer = contestant.optimizer();
    this.#model.compile({ optimizer: this.#optimizer, loss: network.loss });
  }

  static async start(contestant: Contestant, network: Network): Promise<Fit> {
    await enter(contestant);
    return new Fit(contestant, network);
  }

  get parameters(): number {
    return this.#model.countParams();
  }

  /** Trains for so many batches; milliseconds of the whole `fit`, and the loss. */
  async train(batches: number): Promise<{ wall: number; loss: number }> {
    await enter(this.#contestant);
    const { x, y } = this.#network.data(batches);
    const { upload, finish } = this.#contestant.backend;
    upload?.([x, y]);
    await finish?.();
    (globalThis as { gc?: () => void }).gc?.();
    const start = performance.now();
    const { batchSize } = this.#network;
    const { history } = await this.#model.fit(x, y, { batchSize, verbose: 0, shuffle: false });
    await finish?.();
    const wall = performance.now() - start;
    tf.dispose([x, y]);
    const loss = history.loss![0] as number;
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
    return { wall, loss };
  }

  async dispose(): Promise<void> {
    await enter(this.#contestant);
    this.#model.dispose();
    this.#optimizer.dispose();
  }
}

/** Makes tfjs what a contestant has. */
export async function enter({ backend, kernels }: Contestant): Promise<void> {
  await startBackend(backend);
  const installed = installTrainingKernels();
  if (!kernels) installed.uninstall();
}
