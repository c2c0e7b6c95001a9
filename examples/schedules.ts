/**
 * Draws the learning rate schedules for docs/schedules.md: `deno task schedules [file]`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { scheduleChart } from "./lib/schedule_chart.ts";
import { writeWhole } from "../cli/lib/write_whole.ts";

const file = Deno.args[0] ??
  fileURLToPath(new URL("../docs/images/schedules.svg", import.meta.url));
await writeWhole(file, scheduleChart());
console.log(`Schedules: ${file}`);
