import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import cli from "../cli/deno.json" with { type: "json" };
import config from "../deno.json" with { type: "json" };
import { VERSION } from "../src/version.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

async function deno(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.ok(success, text);
  return text;
}

Deno.test("the code is formatted", async () => {
  await deno("fmt", "--check");
});

Deno.test("the linter finds nothing", async () => {
  await deno("lint");
});

Deno.test("everything type-checks, examples in the documentation too", async () => {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--doc", "."],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stderr);
  const errors = [...text.matchAll(/^(TS\d+) \[ERROR\]: .*\n[^]*?^ {4}at (\S+)/gm)];
  assert.ok(success || errors.length > 0, text);
  // Deno gives each example all names of its module, of which it uses few.
  const others = errors.filter(([, code, place]) =>
    !(/^TS6(133|192|196|198)$/.test(code!) && /#\d+-\d+\.\w+:\d+:\d+$/.test(place!))
  );
  assert.deepEqual(others.map(([error]) => error), []);
});

Deno.test("every public name and member has documentation", async () => {
  await deno("task", "doc:lint");
});

Deno.test("the package can be published: explicit types, files and imports", async () => {
  for (
    const [config, other] of [["deno.json", "cli|tests|bench|examples|tools"], [
      "cli/deno.json",
      "src",
    ]]
  ) {
    const text = await deno("publish", "--dry-run", "--allow-dirty", "--config", config!);
    assert.doesNotMatch(text, /warning/i);
    assert.doesNotMatch(
      text,
      new RegExp(`${root}(${other})/`),
      "files that are not for publication",
    );
  }
});

/** Packages that files under cli may import besides tfjs's. */
const CLI_PACKAGES = Object.keys(cli.imports);

Deno.test("the published library depends on tfjs packages alone, and not on its program", async () => {
  for (const entry of ["mod.ts", "diffusion.ts", "live.ts", "mpi.ts", "parts.ts"]) {
    const files = await filesOf(entry);
    const packages = new Set(files.flatMap(({ packages }) => packages));
    assert.ok(files.length > 1 && packages.size > 0);
    for (const name of packages) assert.match(name, /^@tensorflow\/tfjs-/, entry);
    assert.deepEqual(files.filter(isOfProgram), [], `${entry} reaches cli`);
  }
});

Deno.test("packages of the program are imported under cli alone", async () => {
  const files = await filesOf("cli/mod.ts");
  assert.ok(files.some(isOfProgram));
  const packages = new Set<string>();
  for (const { path, packages: own } of files) {
    for (const name of own.filter((name) => !name.startsWith("@tensorflow/tfjs-"))) {
      assert.ok(isOfProgram({ path }), `${path} imports ${name}`);
      assert.ok(
        CLI_PACKAGES.includes(name),
        `${path} imports ${name}, not a package of the program`,
      );
      packages.add(name);
    }
    assert.doesNotMatch(path, /^(tests|bench|examples|tools)\//);
  }
  assert.ok(packages.has("@optique/core"), "what the program imports is seen");
});

/** A file of the project and the npm packages that it imports. */
interface ProjectFile {
  readonly path: string;
  readonly packages: readonly string[];
}

const isOfProgram = ({ path }: Pick<ProjectFile, "path">): boolean => path.startsWith("cli/");

/** The files that an entry point reaches, dynamic imports and types included. */
async function filesOf(entry: string): Promise<ProjectFile[]> {
  const info = JSON.parse(await deno("info", "--json", entry)) as { modules: Module[] };
  return info.modules
    .filter(({ specifier }) => specifier.startsWith("file:"))
    .map(({ specifier, dependencies = [] }) => ({
      path: fileURLToPath(specifier).slice(root.length),
      packages: dependencies
        .map(({ code, type }) => (code ?? type)?.specifier ?? "")
        .flatMap((name) => name.match(/^npm:\/?((?:@[^/]+\/)?[^@/]+)/)?.[1] ?? []),
    }));
}

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly Dependency[];
}

interface Dependency {
  readonly code?: { readonly specifier?: string };
  readonly type?: { readonly specifier?: string };
}

Deno.test("the version is that of deno.json", () => {
  assert.equal(VERSION, config.version);
});

Deno.test("no file is long, and none gives up types", async () => {
  for await (const path of sources(root)) {
    const text = await Deno.readTextFile(path);
    const lines = text.split("\n").length;
    assert.ok(lines <= 450, `${path} has ${lines} lines`);
    assert.doesNotMatch(text, new RegExp("@ts-" + "ignore|no-explicit-" + "any"), path);
  }
});

async function* sources(directory: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (/^(\.|node_modules|golden|snapshots)/.test(name)) continue;
    const path = `${directory}${name}`;
    if (isDirectory) yield* sources(`${path}/`);
    else if (name.endsWith(".ts")) yield path;
  }
}
