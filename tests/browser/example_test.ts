import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { serve } from "../../tools/browser/serve.ts";
import { buildSite } from "../../tools/browser/site.ts";
import { hindrances, keepPicture, launch, overflows, visit } from "../live/chromium.ts";

Deno.test("the example in the browser", async (test) => {
  await using browser = await launch({ webgpu: true });
  if (browser === undefined) return;
  await using server = serve(await buildSite());
  await test.step("its server gives the page's files, to itself alone", () => files(server.url));
  for (const backend of ["webgpu", "wasm"] as const) {
    await test.step(`it trains on ${backend}, pauses and goes on`, async () => {
      const { page, messages, requests } = await visit(browser, `${server.url}?backend=${backend}`);
      await page.getByText(`Backend: ${backend}`).waitFor();
      await page.getByRole("button", { name: "Start" }).click();
      await reaches(page, "#epoch", 1);
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Start" }).waitFor();
      const loss = Number(await page.locator("#loss").textContent());
      assert.ok(loss > 0 && loss < 1, `${loss}`);
      await page.getByRole("button", { name: "Start" }).click();
      if (backend === "wasm") await reaches(page, "#accuracy", 95);
      assert.deepEqual(messages, []);
      const elsewhere = requests.filter((each) => !each.startsWith(server.url));
      assert.deepEqual(elsewhere.filter((each) => !each.startsWith("data:")), []);
      await page.context().close();
    });
  }
  await test.step("it is readable for all, light and dark, wide and narrow", async () => {
    const { page } = await visit(browser, `${server.url}?backend=cpu`);
    await page.getByText("Backend: cpu").waitFor();
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      for (const colorScheme of ["dark", "light"] as const) {
        await page.emulateMedia({ colorScheme });
        assert.ok(!await overflows(page), `${width}`);
        assert.deepEqual(await hindrances(page), [], `${width} ${colorScheme}`);
        await keepPicture(page, `browser-${colorScheme}-${width}`);
      }
    }
    await page.context().close();
  });
});

/** Waits until the number in an element is at least another. */
async function reaches(page: Page, selector: string, least: number): Promise<void> {
  await page.waitForFunction(
    ([selector, least]) => {
      const { document } = globalThis as unknown as {
        document: { querySelector(selector: string): { textContent: string } };
      };
      return parseFloat(document.querySelector(selector).textContent) >= least;
    },
    [selector, least] as const,
  );
}

async function files(url: string): Promise<void> {
  const { port } = new URL(url);
  const page = await fetch(url);
  assert.match(await page.text(), /<h1>Training in the browser/);
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.match(policy, /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; /);
  assert.doesNotMatch(policy, /unsafe-(inline|eval)'(?<!wasm-unsafe-eval')/);
  const statuses: [path: string, options: RequestInit, status: number][] = [
    ["main.js", {}, 200],
    ["wasm/../../deno.json", {}, 404],
    ["%2e%2e/deno.json", {}, 404],
    ["", { method: "HEAD" }, 200],
    ["", { method: "POST" }, 405],
  ];
  for (const [path, options, status] of statuses) {
    const response = await fetch(url + path, options);
    await response.body?.cancel();
    assert.equal(response.status, status, path);
    assert.equal(response.headers.get("content-security-policy"), policy);
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
