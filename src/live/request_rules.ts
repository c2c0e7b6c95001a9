import type { IncomingHttpHeaders } from "node:http";

/** What was asked for, as far as the rules need it. */
export interface Asked {
  readonly method: string;
  /** The request's target as it came, such as "/token/events?last=3". */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/** Where a page is served. */
export interface Place {
  /** Such as "127.0.0.1:8000". */
  readonly host: string;
  readonly token: string;
}

/** A part of the page that may be asked for, or why it is not given. */
export type Verdict =
  | { readonly route: Route; readonly query: URLSearchParams }
  | { readonly status: number; readonly reason: string; readonly allow?: string };

/** The parts of a page by their path after the token. */
export type Route = "" | "events" | "control";

const METHODS: Readonly<Record<Route, readonly string[]>> = {
  "": ["GET", "HEAD"],
  events: ["GET"],
  control: ["POST"],
};

/**
 * Decides whether a request may have what it asks for: only under the page's own address, so that no
 * name that was made to point here will do; from the page itself or from an address that was opened,
 * not from other sites; and with the token.
 */
export function judge({ method, target, headers }: Asked, { host, token }: Place): Verdict {
  if (headers.host !== host) return no(421, `this page is at ${host}`);
  if (!isFromHere(method, headers, `http://${host}`)) {
    return no(403, "other sites may not read or control this page");
  }
  const [path = "", query = ""] = target.split("?", 2);
  const [, given = "", ...rest] = path.split("/");
  if (!path.startsWith("/") || !isSame(given, token)) {
    return no(403, "the address must be the whole one that the program printed");
  }
  const route = rest.join("/");
  if (rest.length === 0 || !Object.hasOwn(METHODS, route)) return no(404, "there is no such part");
  const methods = METHODS[route as Route];
  if (!methods.includes(method)) {
    const allow = methods.join(", ");
    return { status: 405, reason: `this part takes ${allow}`, allow };
  }
  return { route: route as Route, query: new URLSearchParams(query) };
}

function no(status: number, reason: string): Verdict {
  return { status, reason };
}

/** Whether the page itself asks, or somebody opens its address. */
function isFromHere(method: string, headers: IncomingHttpHeaders, origin: string): boolean {
  if (headers.origin !== undefined) return headers.origin === origin;
  if (method === "POST") return false; // Browsers always name the origin then.
  const site = headers["sec-fetch-site"];
  if (site === undefined || site === "same-origin" || site === "none") return true;
  return headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
}

/** Compares in a time that does not depend on where they differ. */
function isSame(given: string, token: string): boolean {
  let difference = given.length ^ token.length;
  for (let i = 0; i < token.length; i++) difference |= given.charCodeAt(i) ^ token.charCodeAt(i);
  return difference === 0;
}
