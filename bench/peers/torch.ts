import { fileURLToPath } from "node:url";
import type { Timing } from "../../cli/bench/clocks.ts";
import { HYPER } from "../../cli/bench/formulas.ts";
import type { Trial } from "../../cli/bench/trials.ts";
import type { Inputs } from "../../cli/bench/inputs.ts";
import { PythonProcess } from "./python.ts";

const SCRIPT = fileURLToPath(new URL("torch_peer.py", import.meta.url));

/** What PyTorch can compute; "sgdf" and "adamf" as tensor operations, the rest by its own optimizers. */
export type TorchRule = "adam" | "adamw" | "momentum" | "sgdf" | "adamf";

/** PyTorch in a process of its own, where trials of all cells live. It waits while others run. */
export class Torch {
  readonly #process: PythonProcess<{ readonly torch: string }>;

  private constructor(process: PythonProcess<{ readonly torch: string }>) {
    this.#process = process;
  }

  /** Starts it; or the reason why it does not start. */
  static async start(python?: string): Promise<Torch | string> {
    const process = await PythonProcess.start<{ readonly torch: string }>({
      python,
      script: SCRIPT,
      packages: "python3-torch",
      env: { OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
    });
    return typeof process === "string" ? process : new Torch(process);
  }

  /** PyTorch's version. */
  get version(): string {
    return this.#process.facts.torch;
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
      const { id } = await this.#process.ask<{ id: number }>({
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
          const { wall, processor } = await this.#process.ask<Timing>({ do: "run", id, steps });
          return { wall, processor, calls: wall };
        },
        read: async () => {
          const file = await Deno.makeTempFile();
          await this.#process.ask({ do: "read", id, file });
          const { buffer } = await Deno.readFile(file);
          await Deno.remove(file);
          let at = 0;
          return params.map(({ length }) => {
            const array = new Float32Array(buffer, 4 * at, length);
            at += length;
            return array;
          });
        },
        dispose: async () => void await this.#process.ask({ do: "stop", id }),
      };
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  }

  /** Ends it. */
  stop(): Promise<void> {
    return this.#process.stop();
  }
}
