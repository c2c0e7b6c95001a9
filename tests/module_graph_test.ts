import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** All modules of the library, each with those that it imports, types included. */
async function moduleGraph(): Promise<Map<string, string[]>> {
  const graph = new Map<string, string[]>();
  for (const folder of ["src", "callbacks"]) {
    for await (const file of modulesIn(join(ROOT, folder))) {
      const code = (await Deno.readTextFile(file)).replaceAll(/\/\*[\s\S]*?\*\//g, "");
      const imports = [...code.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+\.ts)"/g)]
        .map(([, specifier]) => relative(ROOT, join(dirname(file), specifier!)));
      graph.set(relative(ROOT, file), imports);
    }
  }
  return graph;
}

async function* modulesIn(directory: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) yield* modulesIn(path);
    else if (/(?<!\.d)\.ts$/.test(name)) yield path;
  }
}

/** The circles of a graph: what remains when all that lead nowhere are taken away, again and again. */
function circles(graph: ReadonlyMap<string, Iterable<string>>): string[] {
  const left = new Map([...graph].map(([node, next]) => [node, new Set(next)]));
  for (let before = -1; before !== left.size;) {
    before = left.size;
    for (const [node, next] of left) {
      for (const each of next) if (each === node || !left.has(each)) next.delete(each);
      const isReached = [...left].some(([from, to]) => from !== node && to.has(node));
      if (next.size === 0 || !isReached) left.delete(node);
    }
  }
  return [...left].map(([node, next]) => `${node} -> ${[...next].join(", ")}`);
}

/** The room of a module: `callbacks` or a folder directly under `src`; a room's own folders are part of it. */
const roomOf = (file: string): string => {
  const parts = dirname(file).split(/[\\/]/);
  return parts[0] === "src" ? parts.slice(0, 2).join("/") : parts[0]!;
};

Deno.test("no module imports itself by way of others, types included", async () => {
  const graph = await moduleGraph();
  assert.ok(graph.size > 200, `${graph.size} modules`);
  assert.ok([...graph.values()].flat().length > 500);
  assert.deepEqual(circles(graph), []);
});

Deno.test("no room of the library needs itself by way of others, types included", async () => {
  const rooms = new Map<string, Set<string>>();
  for (const [file, imports] of await moduleGraph()) {
    const room = rooms.get(roomOf(file)) ?? new Set();
    rooms.set(roomOf(file), room);
    for (const each of imports) if (roomOf(each) !== roomOf(file)) room.add(roomOf(each));
  }
  assert.ok(rooms.size > 15, `${rooms.size} rooms`);
  assert.deepEqual(circles(rooms), []);
});

Deno.test("arrows go one way: expr, rules, engines, optimizers", async () => {
  const order = ["src/expr", "src/rules", "src/engines", "src/optimizers"];
  for (const [file, imports] of await moduleGraph()) {
    const from = order.indexOf(roomOf(file));
    for (const each of from < 0 ? [] : imports) {
      assert.ok(order.indexOf(roomOf(each)) <= from, `${file} imports ${each}`);
    }
  }
});
