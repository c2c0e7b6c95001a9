/**
 * The program `signalfit`: `deno run -A jsr:@signalfit/tfjs/cli --help`, or `npx signalfit --help`.
 *
 * @module
 */
import { main } from "./src/cli/main.ts";

if (import.meta.main) await main();
