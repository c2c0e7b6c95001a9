// Run in an empty project: bundles each module of the list with each bundler, as its users do who have
// configured nothing, tfjs left out. Prints one line of JSON: sizes after gzip, or what went wrong.
import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import { build as vite } from "vite";
import webpack from "webpack";

const TFJS = /^@tensorflow\//;

const BUNDLERS = {
  esbuild: async (entry, file) => {
    await esbuild.build({
      entryPoints: [entry],
      outfile: file,
      bundle: true,
      minify: true,
      format: "esm",
      external: ["@tensorflow/*"],
      logLevel: "silent",
    });
  },
  webpack: (entry, file) =>
    new Promise((done, fail) => {
      webpack({
        mode: "production",
        target: ["web", "es2022"],
        entry: resolve(entry),
        output: { path: resolve("."), filename: file },
        experiments: { outputModule: true },
        externalsType: "module",
        externals: [({ request }, ask) => TFJS.test(request) ? ask(null, request) : ask()],
        performance: { hints: false },
      }, (error, stats) => {
        if (error) fail(error);
        else if (stats.hasErrors() || stats.hasWarnings()) fail(new Error(String(stats)));
        else done();
      });
    }),
  rollup: async (entry, file) => {
    const bundle = await rollup({
      input: entry,
      external: TFJS,
      plugins: [nodeResolve({ browser: true })],
      onwarn: ({ code, message }) => {
        if (code !== "CIRCULAR_DEPENDENCY") throw new Error(message);
      },
    });
    await bundle.write({ file, format: "es", inlineDynamicImports: true });
  },
  vite: async (entry, file) => {
    await vite({
      logLevel: "silent",
      build: {
        emptyOutDir: false,
        outDir: ".",
        lib: { entry, formats: ["es"], fileName: () => file },
        rollupOptions: { external: TFJS },
      },
    });
  },
};

const results = {};
for (const [name, build] of Object.entries(BUNDLERS)) {
  for (const entry of process.argv.slice(2)) {
    const file = `${name}-${basename(entry)}`;
    try {
      await build(entry, file);
      // Rollup leaves names and comments to other tools.
      const { code: text } = await esbuild.transform(readFileSync(file, "utf8"), { minify: true });
      results[file] = { bytes: gzipSync(text).length, node: /["'`]node:/.test(text) };
    } catch (error) {
      results[file] = { error: String(error) };
    }
  }
}
console.log(JSON.stringify(results));
