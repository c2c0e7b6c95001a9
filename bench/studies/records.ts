/** Outcomes in a file, one a line of JSON. Processes may append to one file at the same time. */
export class Records<Outcome extends { readonly settings: unknown }> {
  readonly #path: string;
  readonly #outcomes: Outcome[];

  private constructor(path: string, outcomes: Outcome[]) {
    this.#path = path;
    this.#outcomes = outcomes;
  }

  /** Opens a file, or begins one. A last line that an interrupted process left unfinished is passed over. */
  static async open<Outcome extends { readonly settings: unknown }>(
    path: string,
  ): Promise<Records<Outcome>> {
    const outcomes: Outcome[] = [];
    for (const [at, line] of (await read(path)).split("\n").entries()) {
      if (line === "") continue;
      try {
        outcomes.push(JSON.parse(line));
      } catch {
        console.error(`${path}:${at + 1} is no JSON: passed over`);
      }
    }
    return new Records(path, outcomes);
  }

  /** All outcomes with these settings. */
  with(settings: Outcome["settings"]): Outcome[] {
    const wanted = JSON.stringify(settings);
    return this.#outcomes.filter((outcome) => JSON.stringify(outcome.settings) === wanted);
  }

  /** Adds an outcome, on a line of its own whatever was before. */
  async add(outcome: Outcome): Promise<void> {
    this.#outcomes.push(outcome);
    const torn = !/(^|\n)$/.test(await read(this.#path));
    const line = `${torn ? "\n" : ""}${JSON.stringify(outcome)}\n`;
    await Deno.writeTextFile(this.#path, line, { append: true });
  }
}

async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
