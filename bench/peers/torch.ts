import { fileURLToPath } from "node:url";
import type { Timing } from "../../cli/bench/clocks.ts";
import { HYPER } from "../../cli/bench/formulas.ts";
import type { Trial } from "../../cli/bench/trials.ts";
import type { Inputs } from "../../cli/bench/inputs.ts";

/** The Python that Debian's python3-torch belongs to. */
const PYTHON = "/usr/bin/python3";
const SCRIPT = fileURLToPath(new URL("torch_peer.py", import.meta.url));

/** What PyTorch can compute; "sgdf" and "adamf" as tensor operations, the rest by its own optimizers. */
export type TorchRule = "adam" | "adamw" | "momentum" | "sgdf" | "adamf";

/** PyTorch in a process of its own, where trials of all cells live. It waits while others run. */
export class Torch {
  readonly #process: Deno.ChildProcess;
  readonly #requests: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;

  private constructor(
    process: Deno.ChildProcess,
    lines: ReadableStreamDefaultReader<string>,
    readonly version: string,
  ) {
    this.#process = process;
    this.#requests = process.stdin.getWriter();
    this.#lines = lines;
  }

  /** Starts it; or the reason why it does not start. */
  static async start(python = PYTHON): Promise<Torch | string> {
    const options = { stdin: "piped", stdout: "piped", stderr: "null" } as const;
    const env = { OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
    const missing = `${python} has no PyTorch (Debian: apt-get install python3-torch)`;
    let process: Deno.ChildProcess;
    try {
      process = new Deno.Command(python, { args: [SCRIPT], env, ...options }).spawn();
    } catch {
      return missing;
    }
    const lines = linesOf(process.stdout).getReader();
    const { value } = await lines.read();
    if (value !== undefined) {
      return new Torch(process, lines, (JSON.parse(value) as { torch: string }).torch);
    }
    await process.stdin.close().catch(() => {});
    await process.status;
    return missing;
  }

  /** A contestant's trial. */
  async trial(rule: TorchRule, { workload, params, gradients }: Inputs): Promise<Trial> {
    const directory = await Deno.makeTempDir();
    const write = async (name: string, arrays: readonly Float32Array[]): Promise<string> => {
      const path = `${directory}/${name}`;
      using file = await Deno.create(path);
      const writer = file.writable.getWriter();
      for (const { buffer, byteOffset, byteLength } of arrays) {
        await writer.write(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
      }
      await writer.close();
      return path;
    };
    try {
      const { id } = await this.#ask<{ id: number }>({
        do: "start",
        rule,
        hyper: HYPER,
        shapes: workload.shapes,
        params: await write("params", params),
        gradients: await Promise.all(
          gradients.map(({ values }, index) => write(`gradients${index}`, values)),
        ),
      });
      return {
        run: async (steps) => {
          const { wall, processor } = await this.#ask<Timing>({ do: "run", id, steps });
          return { wall, processor, calls: wall };
        },
        read: async () => {
          const file = await Deno.makeTempFile();
          await this.#ask({ do: "read", id, file });
          const { buffer } = await Deno.readFile(file);
          await Deno.remove(file);
          let at = 0;
          return params.map(({ length }) => {
            const array = new Float32Array(buffer, 4 * at, length);
            at += length;
            return array;
          });
        },
        dispose: async () => void await this.#ask({ do: "stop", id }),
      };
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
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
    const answer = JSON.parse(value) as Answer | { error: string };
    if (isError(answer)) throw new Error(`PyTorch: ${answer.error}`);
    return answer;
  }
}

function isError(answer: unknown): answer is { error: string } {
  return (answer as { error?: unknown }).error !== undefined;
}

/** The lines of a stream of bytes. */
export function linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<string> {
  let rest = "";
  return stream.pipeThrough(new TextDecoderStream()).pipeThrough(
    new TransformStream<string, string>({
      transform(chunk, controller) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop()!;
        for (const line of lines) controller.enqueue(line);
      },
    }),
  );
}
