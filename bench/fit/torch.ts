import { fileURLToPath } from "node:url";
import { PythonProcess } from "../peers/python.ts";

const SCRIPT = fileURLToPath(new URL("torch_fit.py", import.meta.url));

/** What PyTorch says of itself. */
export interface TorchFacts {
  readonly torch: string;
  /** Files of the BLAS that it has loaded. */
  readonly blas: string;
  /** Whether its Adam makes one pass over the parameters. */
  readonly fused: boolean;
}

/** PyTorch on one thread in a process of its own, which waits while others run. */
export class TorchFit {
  readonly #process: PythonProcess<TorchFacts>;

  private constructor(process: PythonProcess<TorchFacts>) {
    this.#process = process;
  }

  /** Starts it; or the reason why it does not start. */
  static async start(): Promise<TorchFit | string> {
    const process = await PythonProcess.start<TorchFacts>({
      script: SCRIPT,
      packages: "python3-torch libopenblas0-pthread",
      env: { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
    });
    return typeof process === "string" ? process : new TorchFit(process);
  }

  /** What it says of itself. */
  get facts(): TorchFacts {
    return this.#process.facts;
  }

  /** Builds a network; how many parameters it has. */
  async build(network: string): Promise<number> {
    return (await this.#process.ask<{ parameters: number }>({ do: "start", network })).parameters;
  }

  /** Trains it for so many batches; how many milliseconds that took. */
  async train(network: string, batches: number): Promise<number> {
    const { wall, loss } = await this.#process.ask<{ wall: number; loss: number }>(
      { do: "run", network, batches },
    );
    if (!Number.isFinite(loss)) throw new Error(`PyTorch: the loss of ${network} is ${loss}`);
    return wall;
  }

  /** Ends it. */
  stop(): Promise<void> {
    return this.#process.stop();
  }
}
