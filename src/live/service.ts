import type { LiveState } from "./data.ts";
import { type LiveDocuments, loadDocuments } from "./document.ts";
import { readEarlier } from "./earlier.ts";
import { importLiveHost, type LiveHost } from "./host.ts";
import { openInBrowser } from "./open_in_browser.ts";
import { type LiveServer, serve, type Served, SERVER_LIMITS } from "./server.ts";
import { VIEWER_LIMITS, Viewers } from "./viewers.ts";

/** What is there while a page is served. */
export interface Service {
  readonly host: LiveHost;
  readonly documents: LiveDocuments;
  readonly viewers: Viewers;
  readonly server: LiveServer;
}

/** What a page is served with. */
export interface ServiceOptions extends Pick<Served, "port" | "control"> {
  /** Files of earlier runs, which are put before those of the state. */
  readonly compare: readonly string[];
  /** Whether the page is opened in a browser. */
  readonly open: boolean;
  readonly state: LiveState;
}

/** Serves a page. */
export async function openService(
  { port, compare, open, state, control }: ServiceOptions,
): Promise<Service> {
  const host = await importLiveHost();
  const documents = await loadDocuments(host);
  const earlier = await Promise.all(compare.map((path, i) => readEarlier(host, path, i)));
  const present = state.runs.filter(({ status }) => status !== "earlier");
  state.runs = [...earlier.flat(), ...present];
  const viewers = new Viewers(host, () => state, VIEWER_LIMITS);
  const document = documents.live;
  const server = await serve(host, { port, document, viewers, control, limits: SERVER_LIMITS });
  if (open) openInBrowser(host, server.url);
  return { host, documents, viewers, server };
}
