/**
 * Builds the two packages for npm: the library into `tfjs`, the program `signalfit` into `cli`, below
 * a directory. `deno task npm [DIRECTORY]`, dist/npm if left out; then `npm publish dist/npm/tfjs` and
 * `npm publish dist/npm/cli`.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import cli from "../cli/deno.json" with { type: "json" };
import config from "../deno.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const REPOSITORY = "https://github.com/signalfit/signalfit";

/** What both say of themselves. */
const COMMON = {
  author: "The signalfit authors",
  repository: { type: "git", url: `git+${REPOSITORY}.git` },
  homepage: `${REPOSITORY}#readme`,
  bugs: `${REPOSITORY}/issues`,
  // From here on require() takes modules.
  engines: { node: ">=20.19" },
};

/** The version of another package of this workspace that a package asks for. */
const OWN = `^${config.version}`;

/** The program: Node 20 has no `import.meta.main`, which mod.ts goes by. */
const BIN = `#!/usr/bin/env node
import { main } from "../main.js";

await main();
`;

type Manifest = Record<string, unknown> & { dependencies?: Record<string, string> };

/** A package to build. */
interface Package {
  /** Its folder in the project, and what it is called below the directory of packages. */
  readonly from: string;
  readonly to: string;
  /** The package.json, made of the one that `deno pack` writes. */
  readonly manifest: (packed: Manifest) => Manifest;
  /** Adds further files to the folder in which it is built. */
  readonly addFiles: (built: string) => Promise<void>;
}

/** The room of Node's modules, and what browsers get in its place. */
const HOST = { node: "./src/host/node.js", browser: "./src/host/browser.js" };

const PACKAGES: readonly Package[] = [
  {
    from: ".",
    to: "tfjs",
    // tfjs itself belongs to who uses the library: two copies of it do not know each other's tensors.
    manifest: ({ dependencies = {}, ...packed }) => ({
      ...packed,
      description:
        "Training add-ons for TensorFlow.js: filtered optimizers, fused engines, diffusion",
      keywords: [
        "tensorflow",
        "tfjs",
        "optimizer",
        "adam",
        "training",
        "diffusion",
        "webgpu",
        "wasm",
        "deep-learning",
      ],
      ...COMMON,
      sideEffects: false,
      browser: { [HOST.node]: HOST.browser },
      peerDependencies: dependencies,
    }),
    addFiles: addBrowserHost,
  },
  {
    from: "cli",
    to: "cli",
    manifest: ({ dependencies = {}, ...packed }) => ({
      ...packed,
      description: "The program signalfit: trains and compares TensorFlow.js models without code",
      keywords: ["tensorflow", "tfjs", "cli", "training", "optimizer", "diffusion"],
      ...COMMON,
      bin: { signalfit: "./bin/signalfit.js" },
      dependencies: sorted({
        ...dependencies,
        // Not seen by `deno pack`: the other package of the workspace, and packages with types of ours.
        "@signalfit/tfjs": OWN,
        ...rangesOf(cli.imports),
      }),
    }),
    addFiles: async (built) => {
      await Deno.mkdir(join(built, "bin"));
      await Deno.writeTextFile(join(built, "bin", "signalfit.js"), BIN, { mode: 0o755 });
    },
  },
];

/** The packages of an import map, with their ranges. */
function rangesOf(imports: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(imports);
  return Object.fromEntries(entries.map(([name, to]) => [name, to.slice(`npm:${name}@`.length)]));
}

function sorted<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => a < b ? -1 : 1));
}

/**
 * Builds the packages; a package's folder is replaced when all of it is there.
 *
 * @param names which of them, both if left out
 */
export async function buildPackages(
  directory: string,
  names: readonly string[] = PACKAGES.map(({ to }) => to),
): Promise<void> {
  for (const each of PACKAGES.filter(({ to }) => names.includes(to))) {
    await buildPackage(each, join(resolve(directory), each.to));
  }
}

async function buildPackage(
  { from, manifest, addFiles }: Package,
  target: string,
): Promise<void> {
  await Deno.mkdir(dirname(target), { recursive: true });
  const work = await Deno.makeTempDir({ dir: dirname(target), prefix: ".npm-" });
  try {
    const tarball = join(work, "package.tgz");
    const pack = ["pack", "--quiet", "--allow-dirty", "--no-source-maps", "--output", tarball];
    await run(Deno.execPath(), pack, join(ROOT, from));
    await run("tar", ["-xzf", tarball, "-C", work]);
    const built = join(work, "package");
    await finish(built);
    await addFiles(built);
    const file = join(built, "package.json");
    const packed = JSON.parse(await Deno.readTextFile(file)) as Manifest;
    await Deno.writeTextFile(file, `${JSON.stringify(manifest(packed), null, 2)}\n`);
    await Deno.remove(target, { recursive: true }).catch(ignoreAbsence);
    await Deno.rename(built, target);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/**
 * Writes the module that stands in the place of Node's in bundles for browsers: each import in it
 * fails as that of an absent module does, and whoever asked says what to do instead.
 */
async function addBrowserHost(built: string): Promise<void> {
  const node = await Deno.readTextFile(join(built, HOST.node));
  const imports = [...node.matchAll(/export const (\w+) = \(\)\s*=>\s*import\("(node:[\w/]+)"\)/g)];
  const all = node.match(/import\("node:/g)?.length;
  if (imports.length !== all) throw new Error(`${HOST.node}: ${imports.length} of ${all} imports`);
  const text = [
    "const absent = (name) => () => Promise.reject(new Error(`a browser has no module ${name}`));",
    ...imports.map(([, name, module]) =>
      `export const ${name} = /* @__PURE__ */ absent("${module}");`
    ),
  ].join("\n");
  await Deno.writeTextFile(join(built, HOST.browser), `${text}\n`);
}

/** Removes TypeScript that nothing imports, packed as it stands, and mends what was printed. */
async function finish(directory: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) await finish(path);
    else if (name.endsWith(".ts") && !name.endsWith(".d.ts")) await Deno.remove(path);
    else if (name.endsWith(".js")) {
      const text = await Deno.readTextFile(path);
      const mended = inlineSymbolKeys(text);
      if (mended !== text) await Deno.writeTextFile(path, mended);
    }
  }
}

/**
 * `deno pack` prints `static [Symbol.hasInstance]` as an assignment beside the class, which no bundler
 * dares to leave out; as a key of the class it is known to do nothing.
 */
export function inlineSymbolKeys(text: string): string {
  const keys = new Map<string, string>();
  const rest = text.replaceAll(
    /^(_computedKey\d*) = (Symbol\.\w+);\n/gm,
    (_, name: string, symbol: string) => {
      keys.set(name, symbol);
      return "";
    },
  );
  if (keys.size === 0) return text;
  return rest
    .replace(/^var _computedKey[^;]*;\n/m, "")
    .replaceAll(/\[(_computedKey\d*)\]/g, (_, name: string) => `[${keys.get(name)!}]`);
}

async function run(command: string, args: string[], cwd = ROOT): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args, cwd }).output();
  if (!success) throw new Error(`${command} ${args[0]}: ${new TextDecoder().decode(stderr)}`);
}

function ignoreAbsence(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

if (import.meta.main) {
  const directory = Deno.args[0] ?? join(ROOT, "dist", "npm");
  await buildPackages(directory);
  console.log(directory);
}
