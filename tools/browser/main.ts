/**
 * Serves a page that trains in the browser, with this library on WebGPU or WebAssembly there:
 * `deno task browser`. Ctrl-C ends it.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { runMain } from "../../cli/lib/run_main.ts";
import { serve } from "./serve.ts";
import { buildSite } from "./site.ts";
import { measuredSizes, sizeTable } from "./sizes.ts";

if (import.meta.main) {
  await runMain(async (signal) => {
    const { values } = parseArgs({
      args: Deno.args.filter((arg) => arg !== "--"),
      options: { port: { type: "string", default: "0" } },
    });
    const site = await buildSite();
    console.log(sizeTable([...site.sizes, ...await measuredSizes()]));
    await using server = serve(site, { port: Number(values.port), signal });
    console.log(`\nOpen ${server.url} — Ctrl-C ends it`);
    await server.finished;
  });
}
