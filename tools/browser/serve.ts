import type { Site } from "./site.ts";

/** The page may run its own scripts and WebAssembly, ask its own server, and nothing else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-cache",
};

/** A site that is served. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  /** Resolves when it has ended. */
  readonly finished: Promise<void>;
}

/** Serves a site on 127.0.0.1 until the signal comes or it is disposed of. */
export function serve(
  { files }: Site,
  { port = 0, signal }: { port?: number; signal?: AbortSignal } = {},
): Server {
  const options = { hostname: "127.0.0.1", port, signal, onListen() {} };
  const server = Deno.serve(options, ({ method, url, headers }) => {
    if (headers.get("host") !== `127.0.0.1:${server.addr.port}`) {
      return new Response("This is another host", { status: 421, headers: HEADERS });
    }
    const file = files.get(new URL(url).pathname);
    if (file === undefined) return new Response("Not found", { status: 404, headers: HEADERS });
    if (method !== "GET" && method !== "HEAD") {
      return new Response("Only GET", { status: 405, headers: { ...HEADERS, allow: "GET, HEAD" } });
    }
    return new Response(method === "HEAD" ? null : file.bytes, {
      headers: { ...HEADERS, "content-type": file.type },
    });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    finished: server.finished,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
