/**
 * Takes the pictures in docs/live.md: of examples/live.ts in a browser, when its second run has come half
 * way, on a screen and on a telephone. `deno task live:screenshot`.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { launch, visit } from "./chromium.ts";
import { inDirectory } from "./fixtures.ts";

const ROOT = new URL("../../", import.meta.url);
const PICTURE = new URL("docs/images/live.png", ROOT);
const SMALL_PICTURE = new URL("docs/images/live-dark.png", ROOT);
/** Bytes that a picture may have. */
const MOST = 250_000;
const EPOCHS = 40;

await using browser = await launch();
assert.ok(browser, "there is no chromium");
await inDirectory(async (directory) => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "examples/live.ts", `--epochs=${EPOCHS}`]
      .concat(`--report=${directory}/live.html`),
    cwd: ROOT,
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!/^Live page: (\S+)/m.test(said)) {
    const { value, done } = await reader.read();
    assert.ok(!done, "the example ended");
    said += value;
  }
  const [, url] = /^Live page: (\S+)/m.exec(said)!;
  const { page, messages } = await visit(browser, url!, {
    viewport: { width: 1440, height: 1240 },
  });
  await page.getByText("AdamF: running").waitFor();
  await page.waitForFunction(
    (half: number) => {
      const { document } = globalThis as unknown as {
        document: { querySelectorAll(selector: string): Iterable<{ textContent: string }> };
      };
      return [...document.querySelectorAll(".tile")].some(({ textContent }) =>
        Number(/^Epoch(\d+)of/.exec(textContent)?.[1]) > half
      );
    },
    EPOCHS / 2,
  );
  await page.getByRole("button", { name: "Log scale: Loss", exact: true }).click();
  const box = await page.locator("[data-panel=loss] .u-over").boundingBox();
  await page.mouse.move(box!.x + 0.4 * box!.width, box!.y + 40);
  await take(page, PICTURE);
  const telephone = { width: 390, height: 844 };
  const small = await visit(browser, url!, {
    viewport: telephone,
    deviceScaleFactor: 2,
    colorScheme: "dark",
  });
  await small.page.locator("[data-panel=loss] canvas").waitFor();
  await small.page.getByRole("button", { name: "Log scale: Loss", exact: true }).click();
  await take(small.page, SMALL_PICTURE);
  assert.deepEqual(small.messages, []);
  await small.page.context().close();
  assert.deepEqual(messages, []);
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Stop" }).click();
  while (!(await reader.read()).done);
  assert.ok((await child.status).success);
});

async function take(page: Page, to: URL): Promise<void> {
  const bytes = await page.screenshot();
  assert.ok(bytes.length < MOST, `the picture has ${bytes.length} bytes`);
  await Deno.writeFile(to, bytes);
  console.log(`${to.pathname}: ${bytes.length} bytes`);
}
