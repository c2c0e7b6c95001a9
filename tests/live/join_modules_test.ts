import assert from "node:assert/strict";
import { joinModules } from "../../src/live/join_modules.ts";

const join = (files: Record<string, string>) =>
  joinModules((name) => {
    const text = files[name];
    return text === undefined ? Promise.reject(new Error(`no ${name}`)) : Promise.resolve(text);
  }, "main.js");

Deno.test("joinModules: each module keeps a scope of its own and runs once", async () => {
  const script = await join({
    "main.js": `import { f, g as h } from "./a.js";\nimport { count } from "./c.js";\n` +
      `const own = 1;\nglobalThis.joined = [own, f(), h(), count()];\n`,
    "a.js": `import {\n  b,\n} from "./b.js";\nimport { count } from "./c.js";\ncount();\n` +
      `const own = 2;\nexport function f() {\n  return own + b;\n}\n` +
      `export async function g() {}\nexport class K {}\n`,
    "b.js": `const own = 3;\nexport const b = own * 10;\n`,
    "c.js": `let n = 0;\nexport function count() {\n  return ++n;\n}\n`,
  });
  new Function(script)();
  const [own, f, h, n] = Reflect.get(globalThis, "joined") as unknown[];
  assert.deepEqual([own, f, n], [1, 32, 2]);
  assert.ok(h instanceof Promise);
  Reflect.deleteProperty(globalThis, "joined");
});

for (
  const [what, files, message] of [
    ["circles", {
      "main.js": `import { a } from "./a.js";\n`,
      "a.js": `import { m } from "./main.js";\n`,
    }, /circle: main\.js -> a\.js -> main\.js/],
    ["default exports", { "main.js": "export default 1;\n" }, /main\.js: export default/],
    ["imports of all", { "main.js": `import * as a from "./a.js";\n` }, /main\.js: import \*/],
    ["packages", { "main.js": `import { a } from "npm";\n` }, /main\.js: import \{ a \}/],
    ["changing exports", { "main.js": "export let a = 1;\n" }, /main\.js: export let/],
    ["ends of scripts", { "main.js": `const a = "</script>";\n` }, /end the script/],
    ["missing files", { "main.js": `import { a } from "./a.js";\n` }, /no a\.js/],
  ] as [string, Record<string, string>, RegExp][]
) {
  Deno.test(`joinModules: refuses ${what}`, async () => {
    await assert.rejects(join(files), message);
  });
}
