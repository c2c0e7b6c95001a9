import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serialization } from "@tensorflow/tfjs-core";
import { bundle, ROOT } from "../../tools/browser/bundle.ts";
import { APPLICATIONS, measuredSizes, sizeOf, sizeTable } from "../../tools/browser/sizes.ts";
import { inDirectory } from "../live/fixtures.ts";

const KIB = 1024;

Deno.test("sizes: those in docs/browser.md are right, within a tenth", async () => {
  const sizes = await measuredSizes();
  console.log(sizeTable(sizes));
  const [core] = sizes;
  assert.match(core!.what, /^core, without tfjs: \{ sgdf, adamf \}$/);
  assert.ok(core!.gzipped > 10 * KIB, "it holds the engines");
  sizes.push(await sizeOf(APPLICATIONS.nothing));
  const docs = await Deno.readTextFile(new URL("docs/browser.md", ROOT));
  const rows = [...docs.matchAll(/^\| [^|]+\| +([\d.]+) \| +([\d.]+) \|$/gm)];
  assert.equal(rows.length, sizes.length);
  rows.forEach(([row, ...told], i) => {
    const { bytes, gzipped } = sizes[i]!;
    [bytes, gzipped].forEach((size, k) => {
      const difference = Math.abs(size / KIB - Number(told[k]));
      assert.ok(difference <= 0.1 * Number(told[k]) + 0.1, `${row}: now ${size / KIB}`);
    });
  });
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
