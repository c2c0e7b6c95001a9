import assert from "node:assert/strict";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Where Debian's package puts it. */
const CHROMIUM = "/usr/bin/chromium";

const FLAGS = [
  "--no-sandbox", // with one, it does not start for root
  "--no-first-run",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The most milliseconds that each wait may take, on a busy machine. */
export const PATIENCE = 120_000;

/** Flags with which WebGPU is there, on a software adapter as well. */
const WEBGPU = ["--enable-unsafe-webgpu", "--disable-gpu-sandbox"];

/**
 * Starts a browser, or tells that there is none; where SIGNALFIT_REQUIRE names it, that is an error.
 *
 * @param options whether it is to have WebGPU
 */
export async function launch({ webgpu = false } = {}): Promise<Browser | undefined> {
  try {
    await Deno.stat(CHROMIUM);
  } catch {
    const required = (Deno.env.get("SIGNALFIT_REQUIRE") ?? "").split(",").includes("chromium");
    assert.ok(!required, `there is no ${CHROMIUM}`);
    console.log("not tested: there is no chromium here");
    return undefined;
  }
  const args = [...FLAGS, ...webgpu ? WEBGPU : ["--disable-gpu"]];
  return await chromium.launch({ executablePath: CHROMIUM, args, timeout: PATIENCE });
}

/** Keeps a picture of the whole page where SIGNALFIT_ARTIFACTS names a directory for it. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const directory = Deno.env.get("SIGNALFIT_ARTIFACTS");
  if (!directory) return;
  await Deno.mkdir(directory, { recursive: true });
  await page.evaluate("scrollTo(0, 0)"); // or what sticks to the top would stand in the middle
  await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
}

/** A page that is looked at, with what it says and asks for. */
export interface Visit {
  readonly page: Page;
  /** Messages of the console and errors. */
  readonly messages: string[];
  /** Addresses asked for. */
  readonly requests: string[];
}

/** Opens an address. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme: "light",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const messages: string[] = [], requests: string[] = [];
  page.on("console", (message) => messages.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => messages.push(`error: ${error.stack}`));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(url);
  return { page, messages, requests };
}

/** What axe-core finds that hinders people, in words. */
export async function hindrances(page: Page): Promise<string[]> {
  const axe = await Deno.readTextFile(new URL(import.meta.resolve("axe-core/axe.min.js")));
  await page.evaluate(axe);
  return await page.evaluate(async () => {
    type Found = { id: string; help: string; nodes: { html: string; failureSummary: string }[] };
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Found[] }> } };
    const { violations } = await axe.run();
    return violations.map(({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`)}`
    );
  });
}

/** Whether the page is wider than the window. */
export function overflows(page: Page): Promise<boolean> {
  return page.evaluate("document.documentElement.scrollWidth > innerWidth");
}
