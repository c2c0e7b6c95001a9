import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, gzipped } from "./bundle.ts";
import type { Size } from "./sizes.ts";

/** A file as it is served. */
export interface SiteFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** All that the page needs. */
export interface Site {
  /** Files by path, such as "/main.js". */
  readonly files: ReadonlyMap<string, SiteFile>;
  /** What the browser loads of code. */
  readonly sizes: readonly Size[];
}

const PAGE = new URL("../../examples/browser/", import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
};

/** Bundles the example and puts its page and tfjs's wasm modules beside it. */
export async function buildSite(): Promise<Site> {
  const files = new Map<string, SiteFile>();
  const add = (name: string, bytes: Uint8Array<ArrayBuffer>) =>
    files.set(`/${name}`, { type: TYPES[extname(name)]!, bytes });
  const scripts = await bundledScripts();
  for (const [name, bytes] of [...scripts, ...await wasmModules()]) add(name, bytes);
  for (const name of ["index.html", "page.css"]) {
    add(name, await Deno.readFile(new URL(name, PAGE)));
  }
  files.set("/", files.get("/index.html")!);
  const sizes = [...scripts].map(([name, bytes]) => ({
    what: `page: ${name}`,
    bytes: bytes.length,
    gzipped: gzipped(bytes),
  }));
  return { files, sizes };
}

async function bundledScripts(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const directory = await Deno.makeTempDir({ prefix: "signalfit-browser-" });
  try {
    await bundle({ entry: "examples/browser/main.ts", to: { directory } });
    return await filesIn(directory, ".js");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** tfjs asks for one of them, by what the browser can do. */
async function wasmModules(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const main = new URL(import.meta.resolve("@tensorflow/tfjs-backend-wasm"));
  const found = await filesIn(fileURLToPath(new URL(".", main)), ".wasm");
  return new Map([...found].map(([name, bytes]) => [`wasm/${name}`, bytes]));
}

async function filesIn(
  directory: string,
  extension: string,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const found = new Map<string, Uint8Array<ArrayBuffer>>();
  for await (const { name } of Deno.readDir(directory)) {
    if (extname(name) === extension) found.set(name, await Deno.readFile(join(directory, name)));
  }
  return found;
}
