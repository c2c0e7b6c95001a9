/**
 * The program `signalfit`: `deno run -A jsr:@signalfit/cli --help`, or
 * `npx -p @signalfit/cli signalfit --help`.
 *
 * @module
 */
import { main } from "./main.ts";

if (import.meta.main) await main();
