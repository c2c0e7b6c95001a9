import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serialization } from "@tensorflow/tfjs-core";
import { bundle, ROOT } from "../../tools/browser/bundle.ts";
import { APPLICATIONS, measuredSizes, sizeOf, sizeTable } from "../../tools/browser/sizes.ts";
import { inDirectory } from "../live/fixtures.ts";

const KIB = 1024;

Deno.test("sizes: the core without tfjs has less than 30 KiB, gzipped", async () => {
  const sizes = await measuredSizes();
  console.log(sizeTable(sizes));
  const [core] = sizes;
  assert.match(core!.what, /^core, without tfjs: \{ sgdf, adamf \}$/);
  assert.ok(core!.gzipped < 30 * KIB, `${core!.gzipped} bytes`);
  assert.ok(core!.gzipped > 10 * KIB, "it holds the engines");
  const grow = sizes.map(({ bytes }) => bytes);
  assert.deepEqual(grow, grow.toSorted((a, b) => a - b));
});

Deno.test("sizes: a bundler leaves out all that an application does not use", async () => {
  const { bytes } = await sizeOf(APPLICATIONS.nothing);
  // What is left is the names of tfjs's packages, and constants of a few bytes.
  assert.ok(bytes < 5 * KIB, `${bytes} bytes`);
});

Deno.test("sizes: an optimizer that is used is known by its name, another one is left out", async () => {
  await inDirectory(async (directory) => {
    const entry = join(directory, "entry.ts"), file = join(directory, "bundle.js");
    const library = JSON.stringify(new URL("mod.ts", ROOT).href);
    await Deno.writeTextFile(entry, `export { lion } from ${library};\n`);
    await bundle({ entry, external: ["@tensorflow/*"], to: { file } });
    const known = () => Object.keys(serialization.SerializationMap.getMap().classNameMap);
    assert.ok(!known().includes("Lion"));
    const { lion } = await import(pathToFileURL(file).href);
    assert.ok(known().includes("Lion"));
    assert.ok(!known().includes("SGDF"));
    lion().dispose();
  });
});
