import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Run, textOf } from "../cli/program.ts";

const LOCK = fileURLToPath(new URL("../../deno.lock", import.meta.url));

/** A command and its output, which no terminal reads. */
export async function run(command: string, args: readonly string[], cwd: string): Promise<Run> {
  const env = { NO_COLOR: "1", NODE_NO_WARNINGS: "0" };
  return textOf(await new Deno.Command(command, { args: [...args], cwd, env }).output());
}

/** What package.json of a built package says. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly type: string;
  readonly sideEffects?: boolean;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly [further: string]: unknown;
}

/** Reads a built package's package.json. */
export async function manifestOf(built: string): Promise<Manifest> {
  return JSON.parse(await Deno.readTextFile(join(built, "package.json"))) as Manifest;
}

/**
 * An empty project with packages of npm, and with built packages as npm unpacks them.
 *
 * @param packages names and ranges, those that the built packages need among them
 * @param built the directories of built packages
 */
export async function emptyProject(
  project: string,
  packages: Readonly<Record<string, string>>,
  built: readonly string[],
): Promise<void> {
  await Deno.mkdir(project, { recursive: true });
  const manifest = { private: true, type: "module", dependencies: packages };
  await Deno.writeTextFile(join(project, "package.json"), JSON.stringify(manifest));
  await Deno.copyFile(LOCK, join(project, "deno.lock"));
  const install = ["install", "--quiet", "--node-modules-dir=auto"];
  const { code, stderr } = await run(Deno.execPath(), install, project);
  assert.equal(code, 0, stderr);
  for (const from of built) {
    const { name } = await manifestOf(from);
    const tarball = join(project, "package.tgz");
    // What `npm publish` would send, and no more.
    await done("tar", ["-czf", tarball, "-C", dirname(from), from.slice(dirname(from).length + 1)]);
    const to = join(project, "node_modules", name);
    await Deno.mkdir(to, { recursive: true });
    await done("tar", ["-xzf", tarball, "-C", to, "--strip-components=1"]);
  }
}

async function done(command: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(command, args, ".");
  assert.equal(code, 0, stderr);
}

/** A relative path that is imported or exported from, statically or not. */
const IMPORT = /(?<=^(?:import|export)\b[^;"]*"|^[^*\n]* import\(")(\.[^"]+)(?="\)?)/gm;

/** Whatever the files of a built package import is there, types too; no source is left. */
export async function assertComplete(built: string): Promise<void> {
  const files = await filesBelow(built);
  assert.ok(files.some((file) => file.endsWith("mod.d.ts")));
  assert.deepEqual(files.filter((file) => /(?<!\.d)\.ts$/.test(file)), [], "sources");
  for (const file of files.filter((file) => /\.js$|\.d\.ts$/.test(file))) {
    if (file.includes("/page/")) continue; // text for a browser, put together at run time
    const text = await Deno.readTextFile(file);
    assert.doesNotMatch(text, /_computedKey/, `${file}: a class that bundlers cannot leave out`);
    for (const [, path] of text.matchAll(IMPORT)) {
      const target = join(dirname(file), path!);
      const wanted = file.endsWith(".d.ts") ? target.replace(/\.(js|ts)$/, ".d.ts") : target;
      assert.ok(files.includes(wanted), `${file} imports ${path}`);
    }
  }
}

async function filesBelow(directory: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) files.push(...await filesBelow(path));
    else files.push(path);
  }
  return files;
}
