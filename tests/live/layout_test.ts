import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { loadDocuments } from "../../src/live/document.ts";
import { importLiveHost } from "../../src/live/host.ts";
import { partsOf } from "../../src/live/page/layout.js";
import { apply, emptyState } from "../../src/live/page/state.js";
import { hindrances, keepPicture, launch, overflows, visit } from "./chromium.ts";
import { inDirectory } from "./fixtures.ts";

const STEPS = 200;

/** Two runs with all that a page can show; the least loss is one over which log axes have stumbled. */
function state() {
  const state = emptyState("A training", false);
  for (const [i, id] of ["a", "b"].entries()) {
    apply(state, { run: id, begin: { name: `AdamF 0.00${i + 1}`, started: 1 } });
    const x = Array.from({ length: STEPS }, (_, n) => n + 1), ends = [50, 100, 150, 200];
    const loss = (n: number) => 0.112 + (i + 1) * Math.exp(-n / 30);
    const own = (name: string, y: number) => [name, x, x.map(() => y)];
    apply(state, {
      run: id,
      status: "finished",
      step: STEPS,
      elapsed: 100,
      epoch: 4,
      epochs: 4,
      batches: 50,
      facts: [["Backend", "wasm"], ["Optimizer", "AdamF"], ["decoupledWeightDecay", "true"]],
      points: [
        ["loss", x, x.map(loss)],
        ["val_loss", ends, ends.map((n) => 1.1 * loss(n))],
        ["acc", x, x.map((n) => 1 - loss(n) / 3)],
        ["constructor", x, x],
        ["~elapsed", x, x.map((n) => n / 2)],
        own("~lr", 1e-3),
        own("~rate", 2345),
        own("~tensors", 71),
        own("~bytes", 1.3e7),
        own("~heap", 4e7),
      ] as never,
    });
    for (const step of [40, 90]) {
      const t = Array.from({ length: 16 }, (_, n) => (n + 0.5) / 16), values = t.map((n) => n * i);
      apply(state, {
        run: id,
        noise: { step, t, loss: values, recoverability: values, weight: values },
        layers: { step, names: ["first/kernel", "last/kernel"], gain: [0.1, 0.2], snr: [1, 2] },
      });
    }
  }
  return state;
}

/** The sides of elements, in pixels of the page. */
const boxes = (page: Page, selector: string) =>
  page.locator(selector).evaluateAll((all) =>
    all.map((element) => {
      const box = (element as unknown as { getBoundingClientRect(): DOMRect })
        .getBoundingClientRect();
      return { left: box.left, right: box.right, top: box.top, bottom: box.bottom };
    })
  );

interface DOMRect {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

Deno.test("layout: a row is as wide as the page, whatever panels there are", () => {
  const all = ["loss", "samples", "noise", "profile", "layers", "acc", "mae", "~lr", "~rate"];
  for (const width of [320, 1000, 1400]) {
    for (let count = 1; count <= all.length; count++) {
      const names = all.slice(0, count), parts = partsOf(names, width);
      assert.deepEqual(parts.map(([name]) => name).sort(), [...names].sort());
      let row = 0;
      for (const [, part] of parts) {
        row = row === 12 ? part : row + part;
        assert.ok(row <= 12, `${JSON.stringify(parts)}`);
      }
      assert.equal(row, 12);
    }
  }
});

Deno.test("layout: in Chromium on a telephone, a tablet and a screen", async (test) => {
  await using browser = await launch();
  if (browser === undefined) return;
  await inDirectory(async (directory) => {
    const { report } = await loadDocuments(await importLiveHost());
    await Deno.writeTextFile(`${directory}/page.html`, report(state()));
    const { page, messages } = await visit(browser, `file://${directory}/page.html`);
    await page.locator("[data-panel=constructor]").waitFor();
    for (const width of [390, 1024, 1280]) {
      await test.step(`${width} pixels`, async () => {
        await page.setViewportSize({ width, height: 844 });
        await page.evaluate("new Promise(requestAnimationFrame)");
        assert.ok(!await overflows(page));
        const [grid] = await boxes(page, "#charts"), panels = await boxes(page, ".panel");
        for (const { top } of panels) {
          const row = panels.filter((panel) => panel.top === top);
          assert.ok(Math.abs(Math.max(...row.map(({ right }) => right)) - grid!.right) < 1);
        }
        const buttons = await boxes(page, ".tools .button:last-child");
        buttons.forEach(({ right }, i) => assert.ok(right <= panels[i]!.right, `button ${i}`));
        const [loss] = await boxes(page, "[data-panel=loss]");
        assert.ok(loss!.top < 844 / 2, `the first panel begins at ${loss!.top}`);
        const cells = await boxes(page, ".runs td"), [runs] = await boxes(page, ".runs");
        for (const { right } of cells) assert.ok(right <= runs!.right, `a cell ends at ${right}`);
        for (const colorScheme of ["dark", "light"] as const) {
          await page.emulateMedia({ colorScheme });
          assert.deepEqual(await hindrances(page), []);
          await keepPicture(page, `layout-${width}-${colorScheme}`);
        }
      });
    }
    await test.step("a log scale", async () => {
      await page.getByRole("button", { name: "Log scale: Loss", exact: true }).click();
      await page.locator("[data-panel=loss] .u-over").waitFor();
      await keepPicture(page, "layout-log");
    });
    await test.step("time", async () => {
      await page.getByRole("button", { name: "Time", exact: true }).click();
      await keepPicture(page, "layout-time");
    });
    assert.deepEqual(messages, []);
  });
});
