/**
 * Builds the package for npm into a directory: JavaScript, types, and the program `signalfit`.
 * `deno task npm [DIRECTORY]`, dist/npm if left out; then `npm publish dist/npm`.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The program: Node 20 has no `import.meta.main`, which cli.ts goes by. */
const BIN = `#!/usr/bin/env node
import { main } from "../cli/main.js";

await main();
`;

/** What is added to the package.json that `deno pack` writes. */
const ADDED = {
  description: "Training add-ons for TensorFlow.js: filtered optimizers, fused engines, diffusion",
  bin: { signalfit: "./bin/signalfit.js" },
  engines: { node: ">=20" },
};

/** Builds the package; the directory is replaced when all of it is there. */
export async function buildPackage(directory: string): Promise<void> {
  const target = resolve(directory);
  await Deno.mkdir(dirname(target), { recursive: true });
  const work = await Deno.makeTempDir({ dir: dirname(target), prefix: ".npm-" });
  try {
    const tarball = join(work, "package.tgz");
    const pack = ["pack", "--quiet", "--allow-dirty", "--no-source-maps", "--output", tarball];
    await run(Deno.execPath(), pack);
    await run("tar", ["-xzf", tarball, "-C", work]);
    const built = join(work, "package");
    await removeSources(built);
    await Deno.mkdir(join(built, "bin"));
    await Deno.writeTextFile(join(built, "bin", "signalfit.js"), BIN, { mode: 0o755 });
    const manifest = join(built, "package.json");
    const packed = JSON.parse(await Deno.readTextFile(manifest));
    await Deno.writeTextFile(manifest, `${JSON.stringify({ ...packed, ...ADDED }, null, 2)}\n`);
    await Deno.remove(target, { recursive: true }).catch(ignoreAbsence);
    await Deno.rename(built, target);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Removes TypeScript that nothing imports: it was packed as it stands. */
async function removeSources(directory: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) await removeSources(path);
    else if (name.endsWith(".ts") && !name.endsWith(".d.ts")) await Deno.remove(path);
  }
}

async function run(command: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args, cwd: ROOT }).output();
  if (!success) throw new Error(`${command} ${args[0]}: ${new TextDecoder().decode(stderr)}`);
}

function ignoreAbsence(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

if (import.meta.main) {
  const directory = Deno.args[0] ?? join(ROOT, "dist", "npm");
  await buildPackage(directory);
  console.log(directory);
}
