/**
 * Takes the picture in docs/diffusion.md: of the samples on the page that `deno task diffuse` has left in
 * signalfit-diffuse.html. `deno task diffuse:screenshot`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { launch, visit } from "../live/chromium.ts";

const ROOT = new URL("../../", import.meta.url);
const PAGE = new URL("signalfit-diffuse.html", ROOT);
const PICTURE = new URL("docs/images/diffuse.png", ROOT);
/** Bytes that the picture may have. */
const MOST = 150_000;
/** Pixels around the samples. */
const EDGE = 12;

await using browser = await launch();
assert.ok(browser, "there is no chromium");
const { page } = await visit(browser, PAGE.href, { viewport: { width: 1440, height: 900 } });
const { x, y, width, height } = (await page.locator("section").first().boundingBox())!;
const clip = { x: x - EDGE, y: y - EDGE, width: width + 2 * EDGE, height: height + 2 * EDGE };
const bytes = await page.screenshot({ clip });
assert.ok(bytes.length < MOST, `the picture has ${bytes.length} bytes`);
await Deno.writeFile(PICTURE, bytes);
console.log(`${PICTURE.pathname}: ${bytes.length} bytes`);
