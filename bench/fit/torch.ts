import { fileURLToPath } from "node:url";
import { linesOf } from "../peers/torch.ts";

const PYTHON = "/usr/bin/python3";
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
  readonly #process: Deno.ChildProcess;
  readonly #requests: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;

  private constructor(
    process: Deno.ChildProcess,
    lines: ReadableStreamDefaultReader<string>,
    readonly facts: TorchFacts,
  ) {
    this.#process = process;
    this.#requests = process.stdin.getWriter();
    this.#lines = lines;
  }

  /** Starts it; or the reason why it does not start. */
  static async start(): Promise<TorchFit | string> {
    const missing = `${PYTHON} has no PyTorch ` +
      "(Debian: apt-get install python3-torch libopenblas0-pthread)";
    let process: Deno.ChildProcess;
    try {
      process = new Deno.Command(PYTHON, {
        args: [SCRIPT],
        env: { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
    } catch {
      return missing;
    }
    const lines = linesOf(process.stdout).getReader();
    const { value } = await lines.read();
    if (value !== undefined) return new TorchFit(process, lines, JSON.parse(value) as TorchFacts);
    await process.stdin.close().catch(() => {});
    await process.status;
    return missing;
  }

  /** Builds a network; how many parameters it has. */
  async build(network: string): Promise<number> {
    return (await this.#ask<{ parameters: number }>({ do: "start", network })).parameters;
  }

  /** Trains it for so many batches; how many milliseconds that took. */
  async train(network: string, batches: number): Promise<number> {
    const { wall, loss } = await this.#ask<{ wall: number; loss: number }>(
      { do: "run", network, batches },
    );
    if (!Number.isFinite(loss)) throw new Error(`PyTorch: the loss of ${network} is ${loss}`);
    return wall;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    await this.#requests.close();
    await this.#lines.cancel();
    await this.#process.status;
  }

  async #ask<Answer>(request: object): Promise<Answer> {
    await this.#requests.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
    const { value } = await this.#lines.read();
    if (value === undefined) throw new Error("PyTorch has ended");
    const answer = JSON.parse(value) as Answer & { error?: string };
    if (answer.error !== undefined) throw new Error(`PyTorch: ${answer.error}`);
    return answer;
  }
}
