import assert from "node:assert/strict";

/** Where the snapshots of one printed language are kept. */
export interface SnapshotOptions {
  /** The folder, below tests/snapshots, such as "loop"; nothing else may lie in it. */
  readonly directory: string;
  /** How the files' names end, with the dot: ".js". */
  readonly extension: string;
  /**
   * Write the texts instead of comparing with them, and remove what belongs to none.
   * @default whether the environment variable UPDATE_SNAPSHOTS is 1
   */
  readonly update?: boolean;
  /**
   * The folder of all snapshots.
   * @default tests/snapshots
   */
  readonly root?: URL;
}

const UPDATE = "UPDATE_SNAPSHOTS";

/** Printed texts that are kept as files, one a name, so that a review shows what changes in them. */
export class Snapshots {
  readonly #directory: URL;
  readonly #extension: string;
  readonly #update: boolean;

  constructor({ directory, extension, update, root }: SnapshotOptions) {
    this.#directory = new URL(`${directory}/`, root ?? new URL("../snapshots/", import.meta.url));
    this.#extension = extension;
    this.#update = update ?? Deno.env.get(UPDATE) === "1";
  }

  /** The name of the file for a text: small letters, digits and underscores. */
  fileName(name: string): string {
    const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_").replaceAll(/^_|_$/g, "");
    return `${plain}${this.#extension}`;
  }

  /** Asserts that a text is what its file holds, up to the line end at the end of a file. */
  match(name: string, text: string): void {
    const url = new URL(this.fileName(name), this.#directory);
    if (this.#update) {
      Deno.mkdirSync(this.#directory, { recursive: true });
      Deno.writeTextFileSync(url, `${text}\n`);
      return;
    }
    const kept = read(url);
    if (kept === undefined) throw new Error(`No snapshot of "${name}": ${HOW_TO}`);
    try {
      assert.equal(`${text}\n`, kept);
    } catch (cause) {
      throw new Error(`"${name}" has changed. If it should have, ${HOW_TO}`, { cause });
    }
  }

  /** Asserts that there is a file for each name, one each, and no other file. */
  matchNames(names: readonly string[]): void {
    const expected = names.map((name) => this.fileName(name)).sort();
    assert.equal(new Set(expected).size, names.length, "two names have one file");
    const files = [...Deno.readDirSync(this.#directory)].map(({ name }) => name).sort();
    if (!this.#update) return assert.deepEqual(files, expected, HOW_TO);
    for (const file of files) {
      if (!expected.includes(file)) Deno.removeSync(new URL(file, this.#directory));
    }
  }
}

const HOW_TO = `run this test with ${UPDATE}=1 and look at what changes under tests/snapshots`;

function read(url: URL): string | undefined {
  try {
    return Deno.readTextFileSync(url);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Declares a test for each text, and one that no file is left of a text that is no longer there. */
export function snapshotTests(
  options: SnapshotOptions,
  texts: readonly { readonly name: string; readonly print: () => string }[],
): void {
  const snapshots = new Snapshots(options);
  for (const { name, print } of texts) {
    Deno.test(`${options.directory} snapshot: ${name}`, () => snapshots.match(name, print()));
  }
  Deno.test(`${options.directory} snapshots: one file each, and no other`, () => {
    snapshots.matchNames(texts.map(({ name }) => name));
  });
}
