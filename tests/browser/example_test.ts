import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { serve } from "../../examples/browser/serve.ts";
import { buildSite } from "../../examples/browser/site.ts";
import { hindrances, keepPicture, launch, overflows, visit } from "../live/chromium.ts";

Deno.test("the example in the browser", async (test) => {
  await using browser = await launch({ webgpu: true });
  if (browser === undefined) return;
  await using server = serve(await buildSite());
  await test.step("its server gives the page's files, to itself alone", () => files(server.url));
  await test.step("it trains on WebGPU", () => trainsOnWebgpu(browser, server.url));
  await withWasm(test, browser, server.url);
});

async function files(url: string): Promise<void> {
  const { port } = new URL(url);
  const page = await fetch(url);
  assert.match(await page.text(), /<h1>Training in the browser/);
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.match(policy, /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; /);
  assert.doesNotMatch(policy, /unsafe-(inline|eval)'(?<!wasm-unsafe-eval')/);
  const statuses: [path: string, options: RequestInit, status: number][] = [
    ["digits/test-pixels.bin", {}, 200],
    ["digits/../../deno.json", {}, 404],
    ["%2e%2e/deno.json", {}, 404],
    ["", { method: "HEAD" }, 200],
    ["", { method: "POST" }, 405],
  ];
  for (const [path, options, status] of statuses) {
    const response = await fetch(url + path, options);
    const { byteLength } = await response.arrayBuffer();
    assert.equal(response.status, status, path);
    assert.equal(response.headers.get("content-security-policy"), policy);
    if (path.startsWith("digits/test")) assert.equal(byteLength, 1000 * 28 * 28);
  }
  assert.equal(
    (await ask(Number(port), "elsewhere.example")).split("\r\n")[0]?.slice(9, 12),
    "421",
  );
}

/** The answer to a request for a host of that name. */
async function ask(port: number, host: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  const buffer = new Uint8Array(4096);
  const length = await connection.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, length ?? 0));
}

const tile = (page: Page, tab: string, name: string) => page.locator(`#${tab} [data-tile=${name}]`);

/** Waits until the number in a tile is at least another. */
async function reaches(page: Page, tab: string, name: string, least: number): Promise<void> {
  await page.waitForFunction(
    ([selector, least]) => {
      const { document } = globalThis as unknown as {
        document: { querySelector(selector: string): { textContent: string } };
      };
      return parseFloat(document.querySelector(selector).textContent.replaceAll(",", "")) >= least;
    },
    [`#${tab} [data-tile=${name}]`, least] as const,
  );
}

/** Waits until so many sets of samples have been drawn. */
async function drawn(page: Page, least: number, what: string): Promise<void> {
  await page.waitForFunction(
    ([least, what]) => {
      const { document } = globalThis as unknown as {
        document: { querySelector(selector: string): Drawn };
      };
      const { dataset, ariaLabel } = document.querySelector("#diffusion canvas");
      return Number(dataset.snapshots) >= least && ariaLabel?.includes(what);
    },
    [least, what] as const,
  );
}

interface Drawn {
  dataset: { snapshots?: string };
  ariaLabel: string | null;
}

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

async function trainsOnWebgpu(browser: Browser, url: string): Promise<void> {
  const { page, messages } = await visit(browser, `${url}?backend=webgpu`);
  await page.locator("#backend[data-backend=webgpu]").waitFor();
  assert.match(await page.locator("#backend").textContent() ?? "", /^Backend: webgpu \(.+\)/);
  await button(page, "Start").click();
  await reaches(page, "digits", "step", 1);
  assert.equal(await tile(page, "digits", "engine").textContent(), "webgpu");
  assert.deepEqual(messages, []);
  await page.context().close();
}

async function withWasm(test: Deno.TestContext, browser: Browser, url: string): Promise<void> {
  const { page, messages, requests } = await visit(browser, `${url}?backend=wasm`, {
    viewport: { width: 1280, height: 900 },
  });
  const settings = (tab: string, name: string) => page.locator(`#${tab} [name=${name}]`);

  await test.step("a bad learning rate is refused in words", async () => {
    await page.locator("#backend[data-backend=wasm]").waitFor();
    assert.deepEqual(await hindrances(page), []);
    await settings("digits", "optimizer").selectOption("SGDF");
    assert.equal(await settings("digits", "rate").inputValue(), "0.2");
    await settings("digits", "rate").fill("-1");
    await settings("digits", "rate").press("Enter");
    const problem = "Cannot create SGDF: learningRate must be a finite number > 0 or a schedule, " +
      "got -1";
    await page.getByRole("alert").getByText(problem).waitFor();
    assert.equal(await settings("digits", "rate").getAttribute("aria-invalid"), "true");
  });
  await test.step("digits are learnt", async () => {
    await settings("digits", "optimizer").selectOption("AdamF");
    await button(page, "Start").press("Enter");
    assert.ok(await page.getByRole("alert").isHidden());
    await reaches(page, "digits", "accuracy", 85);
    await button(page, "Pause").press("Space");
    const step = Number(await tile(page, "digits", "step").textContent());
    assert.ok(step <= 200, `it took ${step} steps`);
    assert.equal(await tile(page, "digits", "engine").textContent(), "simd");
    assert.ok(await page.locator("#digits li.right").count() >= 27);
    assert.match(
      await page.locator("#digits [data-part=tally]").textContent() ?? "",
      /of 36 right/,
    );
    await button(page, "Go on").click();
    await reaches(page, "digits", "step", step + 8);
  });
  await test.step("anew, beside the run before, nothing is left of which", async () => {
    const left = async () =>
      Number(await page.locator("#digits").getAttribute("data-tensors-left"));
    await button(page, "Start anew").click();
    await page.locator("#digits[data-tensors-left]").waitFor();
    const first = await left();
    await reaches(page, "digits", "step", 8);
    await button(page, "Start anew").click();
    await page.getByText("AdamF 0.002 · 3").first().waitFor();
    assert.equal(await left(), first);
    assert.equal(await page.locator("#digits [data-chart=loss] .entry").count(), 3);
  });
  await test.step("samples grow, while the digits wait", async () => {
    await page.getByRole("tab", { name: "Reading digits" }).press("ArrowRight");
    assert.equal(
      await page.getByRole("tab", { name: "Diffusion" }).getAttribute("aria-selected"),
      "true",
    );
    await button(page, "Start").click();
    await drawn(page, 4, "400 points made from noise, after");
    await button(page, "Pause").click();
    assert.equal(await page.locator("#digits [data-part=toggle]").textContent(), "Go on");
    const loss = Number(await tile(page, "diffusion", "loss").textContent());
    assert.ok(loss > 0 && loss < 1, `${loss}`);
    await page.locator("#diffusion [data-chart=levels] .entry").nth(2).waitFor();
    await page.getByLabel("Earlier samples").fill("0");
    await page.getByText("after 0 steps").waitFor();
    await page.getByLabel("Earlier samples").fill("3");
    await keepPicture(page, "browser-diffusion-light");
  });
  await test.step("the samples may be digits", async () => {
    await settings("diffusion", "data").selectOption("digits");
    assert.equal(await settings("diffusion", "rate").inputValue(), "0.002");
    await settings("diffusion", "mode").selectOption("online");
    await button(page, "Start anew").click();
    await drawn(page, 2, "36 pictures of digits made from noise");
    await button(page, "Pause").click();
  });
  await test.step("light and dark, wide and narrow", async () => {
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      for (const tab of ["digits", "diffusion"]) {
        await page.locator(`#tab-${tab}`).click();
        for (const colorScheme of ["dark", "light"] as const) {
          await page.emulateMedia({ colorScheme });
          await page.evaluate("new Promise(requestAnimationFrame)"); // Charts take their sizes.
          assert.ok(!await overflows(page), `${tab} ${width}`);
          assert.deepEqual(await hindrances(page), [], `${tab} ${width} ${colorScheme}`);
          await keepPicture(page, `browser-${tab}-${colorScheme}-${width}`);
        }
      }
    }
  });
  assert.deepEqual(messages, []);
  assert.deepEqual(
    requests.filter((each) => !each.startsWith(url) && !each.startsWith("data:")),
    [],
  );
  await page.context().close();
}
