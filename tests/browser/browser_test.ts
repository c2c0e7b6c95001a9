import assert from "node:assert/strict";
import { extname } from "node:path";
import { type Browser, chromium } from "playwright-core";
import type { Outcome } from "./page.ts";

/** Where Debian's package puts it. */
const CHROMIUM = "/usr/bin/chromium";

const FLAGS = [
  "--enable-unsafe-webgpu", // on a software adapter as well
  "--no-sandbox", // with one, it does not start for root
  "--disable-gpu-sandbox",
  "--no-first-run",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const PAGE = `<!DOCTYPE html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "node:assert/strict": "/assert.js" } }</script>
<script type="module" src="/page.js"></script>
`;

/** The most milliseconds that each wait may take, on a busy machine. */
const PATIENCE = 120_000;

Deno.test("the engines run in Chromium as they do here", async () => {
  if (!await isThere(CHROMIUM)) {
    const required = (Deno.env.get("SIGNALFIT_REQUIRE") ?? "").split(",").includes("chromium");
    assert.ok(!required, `there is no ${CHROMIUM}`);
    console.log("not tested: there is no chromium here");
    return;
  }
  await using temporary = await temporaryDirectory();
  const { directory } = temporary;
  await build(directory);
  await using server = serve(directory);
  await using browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: FLAGS,
    // The profile is a temporary one anyway; these are for what is kept outside of it.
    env: { ...Deno.env.toObject(), XDG_CONFIG_HOME: directory, XDG_CACHE_HOME: directory },
    timeout: PATIENCE,
  });
  const { outcomes, messages } = await visit(browser, server.url);
  assert.deepEqual(outcomes.filter(({ errors }) => errors.length > 0), []);
  assert.deepEqual(messages, []);
  const engines = outcomes.filter(({ backend }) => backend === "webgpu").map((each) => each.engine);
  assert.deepEqual(new Set(engines), new Set(["webgpu"]));
});

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function temporaryDirectory(): Promise<AsyncDisposable & { directory: string }> {
  const directory = await Deno.makeTempDir();
  return { directory, [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
}

/** Puts the page, its bundled scripts and tfjs's wasm modules into a directory. */
async function build(directory: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--platform", "browser", "--outdir", directory, "page.ts", "assert.ts"],
    cwd: new URL(".", import.meta.url),
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  await Deno.writeTextFile(`${directory}/index.html`, PAGE);
  const wasm = new URL(".", import.meta.resolve("@tensorflow/tfjs-backend-wasm"));
  for await (const { name } of Deno.readDir(wasm)) {
    if (name.endsWith(".wasm")) await Deno.copyFile(new URL(name, wasm), `${directory}/${name}`);
  }
}

const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

function serve(directory: string): AsyncDisposable & { url: string } {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const server = Deno.serve(options, async ({ url }) => {
    const file = new URL(url).pathname.slice(1) || "index.html";
    try {
      const headers = { "content-type": TYPES[extname(file)]! };
      return new Response(await Deno.readFile(`${directory}/${file}`), { headers });
    } catch {
      return new Response(`no ${file}`, { status: 404 });
    }
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Opens the page and waits for what it leaves on window; all that it says meanwhile is kept. */
async function visit(
  browser: Browser,
  url: string,
): Promise<{ outcomes: Outcome[]; messages: string[] }> {
  const page = await browser.newPage();
  const messages: string[] = [];
  page.on("console", (message) => messages.push(`${message.type()}: ${message.text()}`));
  const broken = new Promise<never>((_, reject) => {
    page.on("pageerror", reject);
    page.on("crash", () => reject(new Error("the page crashed")));
  });
  const left = async () => {
    await page.goto(url, { timeout: PATIENCE });
    const outcomes = await page.waitForFunction(
      () => (globalThis as { outcomes?: string }).outcomes,
      undefined,
      { timeout: PATIENCE },
    );
    return JSON.parse(await outcomes.jsonValue() ?? "");
  };
  try {
    return { outcomes: await Promise.race([left(), broken]), messages };
  } catch (cause) {
    throw new Error(`the page did not get to its end; it said ${JSON.stringify(messages)}`, {
      cause,
    });
  }
}
