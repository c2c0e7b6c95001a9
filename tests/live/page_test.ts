import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { ERD } from "@signalfit/tfjs/diffusion";
import { LivePage } from "@signalfit/tfjs/live";
import * as tf from "@tensorflow/tfjs-core";
import { denseDenoiser, gaussianData } from "../callbacks/fixtures.ts";
import { useBackend } from "../support/backends.ts";
import { hindrances, keepPicture, launch, overflows, visit } from "./chromium.ts";
import { AfterBatch, inDirectory, turns } from "./fixtures.ts";

/** Trains until somebody stops it. */
function train(page: LivePage, erd: ERD) {
  const model = erd.wrap(denseDenoiser(4));
  const x0 = gaussianData(256, 4), labels = erd.labels(x0);
  const optimizer = tf.train.adam(0.003);
  model.compile({ optimizer, loss: erd.loss, metrics: [erd.rawLoss] });
  const counter = new AfterBatch(() => new Promise((done) => setTimeout(done, 2)));
  const done = model.fit(x0, labels, {
    epochs: 100_000,
    batchSize: 32,
    validationData: [x0, labels],
    callbacks: [erd, counter, page],
    verbose: 0,
  }).finally(() => {
    model.dispose();
    optimizer.dispose();
    erd.dispose();
    tf.dispose([x0, labels]);
  });
  return { counter, done };
}

/** The number in a tile. */
async function tile(page: Page, name: string): Promise<number> {
  const value = page.locator(".tile", { has: page.getByText(name, { exact: true }) });
  return Number((await value.locator(".value").textContent())?.replaceAll(",", ""));
}

/** Waits until the number in a tile is above another. */
async function grows(page: Page, name: string, above: number): Promise<void> {
  while (!(await tile(page, name) > above)) await turns(1);
}

/** The colour of the page's ground. */
const ground = (page: Page) =>
  page.evaluate<string>("getComputedStyle(document.body).backgroundColor");

/** How many different colours a chart is drawn in: an empty one has few. */
const colours = (page: Page, selector: string) =>
  page.locator(selector).first().evaluate((element) => {
    const canvas = element as unknown as {
      width: number;
      height: number;
      getContext(kind: "2d"): {
        getImageData(...area: number[]): { data: { buffer: ArrayBuffer } };
      };
    };
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });

async function download(page: Page, name: string): Promise<Uint8Array> {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name, exact: true }).click(),
  ]);
  return await Deno.readFile(await file.path());
}

const PANELS = [
  "loss",
  "samples",
  "noise",
  "profile",
  "rawLoss",
  "~lr",
  "~rate",
  "~bytes",
  "~tensors",
];

Deno.test("the page in Chromium, during a training and after it", async (test) => {
  await useBackend("cpu");
  await using browser = await launch();
  if (browser === undefined) return;
  await inDirectory(async (directory) => {
    const report = `${directory}/out.html`;
    const erd = new ERD({ target: "v", path: "cosine", mode: "online", bins: 16, readEvery: 4 });
    const sample = () => tf.randomUniform([9, 8, 8, 3], 0, 1, "float32", 5);
    const live = new LivePage({
      title: "A small <b>training</b>",
      report,
      erd,
      images: { sample },
    });
    const url = await live.start();
    const waiting = await visit(browser, url);
    await waiting.page.getByText("Waiting for the first batch").waitFor();
    const { counter, done } = train(live, erd);
    await during(test, browser, { live, url, counter, done, waiting });
    await done;
    await after(test, browser, { live, report });
  });
});

async function during(
  test: Deno.TestContext,
  browser: Browser,
  { live, url, counter, done, waiting: { page, messages, requests } }: {
    live: LivePage;
    url: string;
    counter: AfterBatch;
    done: Promise<unknown>;
    waiting: Awaited<ReturnType<typeof visit>>;
  },
): Promise<void> {
  await test.step("the curves grow", async () => {
    await page.locator("[data-panel=noise]").waitFor();
    const shown = page.locator("[data-panel]");
    const names = await shown.evaluateAll((all) =>
      all.map((each) => each.getAttribute("data-panel"))
    );
    assert.deepEqual(names, PANELS);
    await page.getByRole("button", { name: "Loss as a table", exact: true }).click();
    const rows = page.locator("[data-panel=loss] tbody tr");
    const before = await rows.count();
    while (await rows.count() <= before && await rows.count() < 60) await turns(1);
    await page.getByRole("button", { name: "Loss as a table", exact: true }).click();
    await grows(page, "Step", await tile(page, "Step"));
    assert.ok(await tile(page, "Loss") > 0);
    assert.equal(
      await page.getByRole("heading", { level: 1 }).textContent(),
      live.getState().title,
    );
    for (const panel of ["loss", "noise", "samples"]) {
      assert.ok(await colours(page, `[data-panel=${panel}] .chart canvas`) > 8, panel);
    }
  });
  await test.step("pause stops the batches, resume goes on", async () => {
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    await page.getByText("paused · live").waitFor();
    const at = counter.batches;
    await turns();
    assert.equal(counter.batches, at);
    await page.getByRole("button", { name: "Resume" }).click();
    await grows(page, "Step", at);
  });
  await test.step("a reload shows the same again, and all that came since", async () => {
    const at = await tile(page, "Step");
    await page.reload();
    await page.locator("[data-panel=loss]").waitFor();
    await grows(page, "Step", at);
  });
  await test.step("a second viewer, dark and narrow, sees it too", async () => {
    const telephone = { width: 390, height: 844 };
    const other = await visit(browser, url, { viewport: telephone, colorScheme: "dark" });
    await other.page.locator("[data-panel=noise]").waitFor();
    assert.ok(!await overflows(other.page));
    assert.equal(await ground(other.page), "rgb(14, 17, 22)");
    assert.deepEqual(await hindrances(other.page), []);
    assert.deepEqual(other.messages, []);
    await other.page.context().close();
  });
  await test.step("stop asks first, then ends the training", async () => {
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Nothing is saved").waitFor();
    assert.deepEqual(await hindrances(page), []);
    await dialog.getByRole("button", { name: "Go on" }).click();
    await grows(page, "Step", await tile(page, "Step"));
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await dialog.getByRole("button", { name: "Stop" }).click();
    await done;
    await page.getByText("stopped · live").waitFor();
    assert.ok(await page.getByRole("button", { name: "Stop", exact: true }).isHidden());
  });
  await test.step("the page holds what the callback holds", async () => {
    assert.deepEqual(
      JSON.parse(new TextDecoder().decode(await download(page, "JSON"))),
      live.getState(),
    );
    const csv = new TextDecoder().decode(await download(page, "CSV")).split("\r\n");
    assert.equal(csv[0], "run,series,step,value,low,high");
    assert.match(csv[1]!, /^Adam 0\.003,\w+,1,[\d.]+,[\d.]+,[\d.]+$/);
    const png = await download(page, "Save Loss as a PNG");
    assert.deepEqual([...png.slice(1, 4)], [0x50, 0x4e, 0x47]);
  });
  await test.step("it says nothing on the console and asks nobody else", async () => {
    await live.close();
    await page.getByText("the process has ended").waitFor();
    const refused = messages.filter((message) => !message.includes("net::ERR_CONNECTION_REFUSED"));
    assert.deepEqual(refused.filter((message) => !message.includes("ERR_INCOMPLETE_CHUNKED")), []);
    assert.deepEqual(
      requests.filter((each) => !each.startsWith(url) && !/^(data|blob):/.test(each)),
      [],
    );
    await page.context().close();
  });
}

async function after(
  test: Deno.TestContext,
  browser: Browser,
  { live, report }: { live: LivePage; report: string },
): Promise<void> {
  const { page, messages, requests } = await visit(browser, `file://${report}`, { offline: true });
  await test.step("the report opens alone", async () => {
    await page.getByText("· report of").waitFor();
    assert.equal(await page.locator("[data-panel]").count(), PANELS.length);
    assert.equal(await tile(page, "Step"), live.getState().runs[0]!.step);
    assert.ok(await page.getByRole("button", { name: "Pause" }).isHidden());
    assert.ok(await colours(page, "[data-panel=loss] .chart canvas") > 8);
  });
  await test.step("charts work by keyboard", async () => {
    const chart = page.locator("[data-panel=loss] .chart");
    const all = page.getByRole("button", { name: "Show all" });
    assert.match(
      await chart.getAttribute("aria-label") ?? "",
      /^Loss\. Adam 0\.003: from [\d.]+ to/,
    );
    await chart.focus();
    for (const key of ["Home", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
    const readout = page.locator("[data-panel=loss] [aria-live=polite]");
    assert.match(await readout.textContent() ?? "", /^step 3: Adam 0\.003 [\d.]+/);
    assert.ok(await all.isDisabled());
    await page.keyboard.press("+");
    assert.ok(await all.isEnabled());
    await page.keyboard.press("Escape");
    assert.ok(await all.isDisabled());
    await page.locator("[data-panel=noise] .chart").focus();
    for (const key of ["ArrowUp", "ArrowLeft"]) await page.keyboard.press(key);
    const cell = page.locator("[data-panel=noise] [aria-live=polite]");
    assert.match(await cell.textContent() ?? "", /^step [\d,]+, t 0\.\d+: [\d.]+/);
  });
  await test.step("dragging zooms, a double click shows all", async () => {
    const over = page.locator("[data-panel=loss] .u-over"), box = (await over.boundingBox())!;
    const all = page.getByRole("button", { name: "Show all" });
    await page.mouse.move(box.x + 100, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + 300, box.y + 60, { steps: 4 });
    await page.mouse.up();
    assert.ok(await all.isEnabled());
    await over.dblclick();
    assert.ok(await all.isDisabled());
  });
  await test.step("controls of the view", async () => {
    const log = page.getByRole("button", { name: "Log scale: Loss", exact: true });
    await log.click();
    assert.equal(await log.getAttribute("aria-pressed"), "true");
    const time = page.getByRole("button", { name: "Time", exact: true });
    await time.click();
    assert.equal(await time.getAttribute("aria-pressed"), "true");
    await page.getByLabel("Noise levels: what is shown").selectOption("weight");
    await page.getByLabel("Which samples are shown").fill("0");
    await page.getByText("Adam 0.003, before training, step 0").waitFor();
    const legend = page.locator("[data-panel=loss] .entry");
    assert.equal(await legend.count(), 2);
    await page.getByLabel("Show Adam 0.003").uncheck();
    await page.waitForFunction("!document.querySelector('[data-panel=loss] .entry')");
    await page.getByLabel("Show Adam 0.003").check();
    await legend.first().waitFor();
  });
  await test.step("light, dark, wide and narrow: readable for all", async () => {
    const theme = page.getByRole("button", { name: /^Colours/ });
    assert.equal(await ground(page), "rgb(245, 246, 249)");
    assert.deepEqual(await hindrances(page), []);
    for (const width of [1440, 1000, 700, 320]) {
      await page.setViewportSize({ width, height: 844 });
      await page.evaluate("new Promise(requestAnimationFrame)"); // Charts take their sizes.
      assert.ok(!await overflows(page), `${width}`);
      await keepPicture(page, `live-light-${width}`);
    }
    await page.emulateMedia({ colorScheme: "dark" });
    assert.equal(await ground(page), "rgb(14, 17, 22)");
    for (const width of [1440, 320]) {
      await page.setViewportSize({ width, height: 844 });
      await page.evaluate("new Promise(requestAnimationFrame)");
      await keepPicture(page, `live-dark-${width}`);
    }
    await theme.click();
    assert.equal(await ground(page), "rgb(245, 246, 249)");
    await theme.click();
    await page.emulateMedia({ colorScheme: "light" });
    assert.equal(await ground(page), "rgb(14, 17, 22)");
    for (const name of await page.getByRole("button", { name: /as a table$/ }).all()) {
      await name.click();
    }
    assert.ok(!await overflows(page));
    assert.deepEqual(await hindrances(page), []);
  });
  assert.deepEqual(messages, []);
  assert.deepEqual(requests.filter((each) => !/^(file|data|blob):/.test(each)), []);
}
