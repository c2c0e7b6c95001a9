/**
 * The program `signalfit`: `deno run -A jsr:@signalfit/cli --help`, or `npx signalfit --help`.
 *
 * @module
 */
import { main } from "./main.ts";

if (import.meta.main) await main();
