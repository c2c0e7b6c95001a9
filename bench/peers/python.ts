/** The Python that Debian's python3-torch belongs to. */
const PYTHON = "/usr/bin/python3";

/** How a Python script is started. */
export interface PythonOptions {
  /** Which Python. */
  readonly python?: string | undefined;
  readonly script: string;
  /** Packages of Debian without which it does not start. */
  readonly packages: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A script of PyTorch in a process of its own, which waits while others run: it says a line of JSON
 * about itself, and then answers each line of JSON with another.
 */
export class PythonProcess<Facts> {
  readonly #process: Deno.ChildProcess;
  readonly #requests: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;

  private constructor(
    process: Deno.ChildProcess,
    lines: ReadableStreamDefaultReader<string>,
    /** What it said of itself. */
    readonly facts: Facts,
  ) {
    this.#process = process;
    this.#requests = process.stdin.getWriter();
    this.#lines = lines;
  }

  /** Starts it; or the reason why it does not start. */
  static async start<Facts>(
    { python = PYTHON, script, packages, env }: PythonOptions,
  ): Promise<PythonProcess<Facts> | string> {
    const options = { stdin: "piped", stdout: "piped", stderr: "null" } as const;
    const missing = `${python} has no PyTorch (Debian: apt-get install ${packages})`;
    let process: Deno.ChildProcess;
    try {
      process = new Deno.Command(python, { args: [script], env, ...options }).spawn();
    } catch {
      return missing;
    }
    const lines = linesOf(process.stdout).getReader();
    const { value } = await lines.read();
    if (value !== undefined) {
      return new PythonProcess(process, lines, JSON.parse(value) as Facts);
    }
    await process.stdin.close().catch(() => {});
    await process.status;
    return missing;
  }

  /** Sends a request; its answer. */
  async ask<Answer>(request: object): Promise<Answer> {
    await this.#requests.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
    const { value } = await this.#lines.read();
    if (value === undefined) throw new Error("PyTorch has ended");
    const answer = JSON.parse(value) as Answer | { error: string };
    if (isError(answer)) throw new Error(`PyTorch: ${answer.error}`);
    return answer;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    await this.#requests.close();
    await this.#lines.cancel();
    await this.#process.status;
  }
}

function isError(answer: unknown): answer is { error: string } {
  return (answer as { error?: unknown }).error !== undefined;
}

/** The lines of a stream of bytes. */
function linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<string> {
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
