// The last lines of a test run: what could not be tested on this machine, and what it would need.
import { findAdapter } from "../../src/backends/adapter.ts";

const missing: string[] = [];
const adapter = await findAdapter();
if (typeof adapter === "string") missing.push(`the webgpu engine: ${adapter}`);
try {
  await Deno.stat("/usr/bin/chromium");
} catch {
  missing.push("the engines in a browser: there is no chromium (Debian: apt-get install chromium)");
}
for (const what of missing) console.log(`Not tested here: ${what}`);
