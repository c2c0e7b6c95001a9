import assert from "node:assert/strict";
import { join } from "node:path";
import cli from "../../cli/deno.json" with { type: "json" };
import config from "../../deno.json" with { type: "json" };
import type { Findings } from "../../cli/doctor/findings.ts";
import { buildPackages } from "../../tools/npm_package.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { assertComplete, emptyProject, manifestOf, run } from "./project.ts";

/** Whether Node can be run. */
async function hasNode(): Promise<boolean> {
  try {
    return (await new Deno.Command("node", { args: ["--version"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("the program's package for npm: complete, and it runs in Node", async (test) => {
  await withTempDir(async (directory) => {
    await buildPackages(directory);
    const built = join(directory, "cli");
    const manifest = await manifestOf(built);
    const { "@signalfit/tfjs": own, ...others } = manifest.dependencies!;

    await test.step("its files are whole", () => assertComplete(built));

    await test.step("package.json is made of deno.json", () => {
      assert.deepEqual(
        [manifest.name, manifest.version, manifest.license, manifest.type],
        [cli.name, cli.version, cli.license, "module"],
      );
      assert.equal(own, `^${config.version}`);
      const imports: Readonly<Record<string, string>> = { ...config.imports, ...cli.imports };
      for (const [name, range] of Object.entries(others)) {
        assert.equal(`npm:${name}@${range}`, imports[name]);
      }
      for (const name of ["@tensorflow/tfjs-core", ...Object.keys(cli.imports)]) {
        assert.ok(name in others, name);
      }
    });

    if (!await hasNode()) return console.log("not tested: there is no node here");
    const project = join(directory, "project");
    await emptyProject(project, others, [join(directory, "tfjs"), built]);
    const program = join(project, "node_modules", cli.name, manifest.bin!.signalfit!);

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
