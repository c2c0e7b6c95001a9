import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { buildPackages, inlineSymbolKeys } from "../../tools/npm_package.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { assertComplete, emptyProject, manifestOf, run } from "./project.ts";

const IMPORTS: Readonly<Record<string, string>> = config.imports;

/** Packages that the test asks for, at the ranges that this project has them. */
const ranges = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, IMPORTS[name]!.slice(`npm:${name}@`.length)]));

const TFJS = Object.keys(IMPORTS).filter((name) => name.startsWith("@tensorflow/tfjs-"));

/** What is bundled, tfjs left out, and the most bytes of it after gzip where little is used. */
const ENTRIES = {
  "one.js": {
    text: `import { cosineDecay } from "@signalfit/tfjs"; console.log(cosineDecay);`,
    most: 2_000,
  },
  "all.js": {
    text: `import * as core from "@signalfit/tfjs";
import * as diffusion from "@signalfit/tfjs/diffusion"; console.log(core, diffusion);`,
    most: Infinity,
  },
};

Deno.test("the library's package for npm", async (test) => {
  await withTempDir(async (directory) => {
    await buildPackages(directory, ["tfjs"]);
    const built = join(directory, "tfjs");
    const manifest = await manifestOf(built);

    await test.step("its files are whole", () => assertComplete(built));

    await test.step("tfjs packages are its peers, and it has no dependencies", () => {
      assert.deepEqual(
        [manifest.name, manifest.version, manifest.license, manifest.type, manifest.sideEffects],
        [config.name, config.version, config.license, "module", false],
      );
      assert.deepEqual(Object.keys(manifest.exports), Object.keys(config.exports));
      assert.deepEqual(manifest.dependencies ?? {}, {});
      assert.deepEqual(manifest.peerDependencies, ranges(...TFJS.sort()));
      assert.deepEqual(manifest.engines, { node: ">=20.19" });
      for (const name of ["description", "repository", "homepage", "bugs", "keywords", "author"]) {
        assert.ok(manifest[name], name);
      }
    });

    const project = join(directory, "project");
    const bundlers = ["esbuild", "webpack", "rollup", "@rollup/plugin-node-resolve", "vite"];
    await emptyProject(project, ranges(...TFJS, "typescript", ...bundlers), [built]);

    await test.step("bundlers for browsers take it, and leave out what is not used", async () => {
      for (const [name, { text }] of Object.entries(ENTRIES)) {
        await Deno.writeTextFile(join(project, name), text);
      }
      await Deno.copyFile(
        fileURLToPath(new URL("bundle_all.js", import.meta.url)),
        join(project, "bundle_all.js"),
      );
      const args = ["run", "-A", "--quiet", "bundle_all.js", ...Object.keys(ENTRIES)];
      const { code, stdout, stderr } = await run(Deno.execPath(), args, project);
      assert.equal(code, 0, stderr);
      const results = JSON.parse(stdout) as Record<string, Result>;
      assert.equal(Object.keys(results).length, 4 * Object.keys(ENTRIES).length);
      for (const [file, { error, bytes = Infinity, node }] of Object.entries(results)) {
        assert.equal(error, undefined, `${file}: ${error}`);
        const [, entry] = file.split("-") as [string, keyof typeof ENTRIES];
        assert.ok(bytes <= ENTRIES[entry].most, `${file}: ${bytes} bytes after gzip`);
        assert.equal(node, entry === "all.js", `${file} names modules of Node only in messages`);
      }
    });

    await test.step("TypeScript at its strictest takes its types, for modules and bundlers", async () => {
      await Deno.writeTextFile(join(project, "user.ts"), USER);
      for (const [module, resolution] of [["nodenext", "nodenext"], ["esnext", "bundler"]]) {
        const options = [
          ...["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--skipLibCheck"],
          ...["--target", "es2022", "--lib", "es2024,dom,esnext.disposable"],
          ...["--module", module!, "--moduleResolution", resolution!, "user.ts"],
        ];
        const tsc = ["run", "-A", "--quiet", "npm:typescript/tsc", ...options];
        const { code, stdout, stderr } = await run(Deno.execPath(), tsc, project);
        assert.equal(code, 0, stdout + stderr);
      }
    });
  });
});

/** What became of one bundle. */
interface Result {
  readonly error?: string;
  readonly bytes?: number;
  /** Whether a module of Node is named in it. */
  readonly node?: boolean;
}

const USER = `
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, Checkpoint, cosineDecay, initBackend, resumeTraining, trainingBatches } from "@signalfit/tfjs";
import { ERD, noisePath } from "@signalfit/tfjs/diffusion";
import { LivePage } from "@signalfit/tfjs/live";

const report = await initBackend();
const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1] })] });
model.compile({
  optimizer: adamf({ learningRate: cosineDecay({ initialRate: 1e-2, decaySteps: 10 }) }),
  loss: "meanSquaredError",
});
const start = await resumeTraining(model, "run");
const checkpoint = new Checkpoint("run");
console.log(report, ERD, noisePath, LivePage, trainingBatches);
export const fitting = (x: Parameters<typeof model.fit>[0]) =>
  model.fit(x, x, { epochs: 2, initialEpoch: start?.initialEpoch ?? 0, callbacks: [checkpoint] });
`;

Deno.test("keys that are symbols stand in their classes", () => {
  const packed = `var _computedKey, _computedKey1;
import * as tf from "x";
_computedKey = Symbol.hasInstance;
_computedKey1 = Symbol.asyncDispose;
export class A { static [_computedKey](a) {} [_computedKey1]() {} }
`;
  assert.equal(
    inlineSymbolKeys(packed),
    `import * as tf from "x";
export class A { static [Symbol.hasInstance](a) {} [Symbol.asyncDispose]() {} }
`,
  );
  assert.equal(inlineSymbolKeys("const a = 1;\n"), "const a = 1;\n");
});
