import assert from "node:assert/strict";

const page = new URL("../../src/live/page/", import.meta.url);

Deno.test("assets: uPlot's files are those of the npm package, byte for byte", async () => {
  await import("uplot"); // Makes Deno download it and know its version.
  for (const name of ["dist/uPlot.iife.min.js", "dist/uPlot.min.css", "LICENSE"]) {
    const [theirs, ours] = await Promise.all([
      Deno.readFile(new URL(import.meta.resolve(`uplot/${name}`))),
      Deno.readFile(new URL(`vendor/${name.replace("dist/", "")}`, page)),
    ]);
    assert.deepEqual(ours, theirs, name);
  }
});

async function deno(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("assets: the page's scripts type-check, and no file is long", async () => {
  const config = "tests/live/page_types.json";
  const roots = ["main", "series", "state", "track"].map((name) => `src/live/page/${name}.js`);
  await deno("check", "--quiet", `--config=${config}`, "--no-lock", ...roots);
  for await (const { name, isFile } of Deno.readDir(page)) {
    if (!isFile || !name.endsWith(".js")) continue;
    const text = await Deno.readTextFile(new URL(name, page));
    assert.ok(text.split("\n").length <= 450, name);
    assert.doesNotMatch(text, /innerHTML|insertAdjacentHTML|document\.write|eval\(|@ts-/, name);
  }
});

Deno.test("assets: ./live depends on tfjs packages alone, and the main module not on it", async () => {
  for (const [entry, isLive] of [["live.ts", true], ["mod.ts", false]] as const) {
    const { modules } = JSON.parse(await deno("info", "--json", entry));
    const all = (modules as { specifier: string; dependencies?: Dependency[] }[])
      .filter(({ specifier }) => specifier.startsWith("file:"));
    const needed = all.flatMap(({ dependencies = [] }) => dependencies)
      .filter(({ isDynamic }) => !isDynamic).map(({ code }) => code?.specifier ?? "");
    for (const specifier of needed.filter((specifier) => !specifier.startsWith("file:"))) {
      if (specifier !== "") assert.match(specifier, /^npm:\/?@tensorflow\/tfjs-/);
    }
    assert.equal(all.some(({ specifier }) => specifier.includes("/src/live/")), isLive, entry);
  }
});

interface Dependency {
  code?: { specifier?: string };
  isDynamic?: boolean;
}
