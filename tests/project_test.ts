import assert from "node:assert/strict";

const root = new URL("../", import.meta.url).pathname;

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

Deno.test("everything type-checks", async () => {
  await deno("check", ".");
});

Deno.test("the package can be published: explicit types, files and imports", async () => {
  const text = await deno("publish", "--dry-run", "--allow-dirty");
  assert.doesNotMatch(text, /warning/i);
  assert.doesNotMatch(text, /\/(tests|bench|examples)\//, "files that are not for publication");
});

Deno.test("the published library depends on tfjs packages alone", async () => {
  const info = JSON.parse(await deno("info", "--json", "mod.ts"));
  const packages = Object.keys(info.npmPackages ?? {});
  const specifiers = (info.modules as { specifier: string; dependencies?: Dependency[] }[])
    .filter(({ specifier }) => specifier.startsWith("file:"))
    .flatMap(({ dependencies = [] }) => dependencies)
    .map(({ code, type }) => (code ?? type)?.specifier ?? "")
    .filter((specifier) => specifier.startsWith("npm:"));
  assert.ok(packages.length > 0 && specifiers.length > 0);
  for (const specifier of specifiers) assert.match(specifier, /^npm:\/?@tensorflow\/tfjs-/);
});

interface Dependency {
  code?: { specifier?: string };
  type?: { specifier?: string };
}

Deno.test("no file is long, and none gives up types", async () => {
  for await (const path of sources(root)) {
    const text = await Deno.readTextFile(path);
    const lines = text.split("\n").length;
    assert.ok(lines <= 320, `${path} has ${lines} lines`);
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
