import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
const root = fileURLToPath(new URL("../", import.meta.url));

Deno.test("the README's example prints what the README says", async () => {
  const [, code] = /```ts\n(.*?)```/s.exec(readme)!;
  const [, output] = /It prints\n\n```text\n(.*?)```/s.exec(readme)!;
  const lines = code!.trimEnd().split("\n");
  assert.ok(lines.length <= 16, `${lines.length} lines`);
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, code!);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", `--config=${root}deno.json`, path],
      env: { XDG_RUNTIME_DIR: "/tmp", NO_COLOR: "1" },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    assert.equal(new TextDecoder().decode(stdout), output);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("links in README and docs lead somewhere", async () => {
  const docs = [...Deno.readDirSync(`${root}docs`)].filter(({ isFile }) => isFile);
  const pages = ["README.md", "CONTRIBUTING.md", ...docs.map(({ name }) => `docs/${name}`)];
  for (const page of pages.filter((name) => name.endsWith(".md"))) {
    const text = await Deno.readTextFile(root + page);
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)/g)) {
      if (target === "") continue;
      const url = new URL(target!, new URL(page, `file://${root}`));
      assert.ok(await Deno.stat(url).then(() => true, () => false), `${page}: ${target}`);
    }
  }
});

Deno.test("README and .ci/run agree on the commands, and the tasks exist", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const named = [...readme.matchAll(/deno@[\d.]+ task ([\w:]+)/g)].map(([, task]) => task!);
  assert.deepEqual(named.slice(0, 2), ["demo", "test"]);
  for (const task of named) assert.ok(Object.hasOwn(tasks, task), task);
  const versions = new Set([...readme.matchAll(/deno@([\d.]+)/g)].map(([, version]) => version));
  assert.equal(versions.size, 1);
});

Deno.test("the version of Deno stands in README alone", async () => {
  const [, version] = readme.match(/deno@([\d.]+)/)!;
  const { stdout } = await new Deno.Command("git", {
    args: ["grep", "--files-with-matches", "--fixed-strings", `deno@${version}`],
    cwd: root,
  }).output();
  assert.deepEqual(new TextDecoder().decode(stdout).trim().split("\n"), ["README.md"]);
});
