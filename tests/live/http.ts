import { connect, type Socket } from "node:net";
import type { LiveDocument } from "../../src/live/document.ts";
import { importLiveHost } from "../../src/live/host.ts";
import { type LiveServer, serve, SERVER_LIMITS, type ServerLimits } from "../../src/live/server.ts";
import { VIEWER_LIMITS, type ViewerLimits, Viewers } from "../../src/live/viewers.ts";

/** A page that is served to be tried. */
export interface Trial extends AsyncDisposable {
  readonly server: LiveServer;
  readonly viewers: Viewers;
  readonly port: number;
  /** The path of the page, "/token/". */
  readonly path: string;
  /** What viewers wanted. */
  readonly actions: unknown[];
  /** What snapshots give. */
  state: unknown;
}

/** Serves a document of a few letters, in place of the page. */
export async function trial(
  limits: Partial<ServerLimits & ViewerLimits> = {},
): Promise<Trial> {
  const host = await importLiveHost();
  const document: LiveDocument = { html: "<p>page", policy: "default-src 'none'" };
  const actions: unknown[] = [];
  const trial = { state: {} as unknown };
  const viewers = new Viewers(host, () => trial.state, { ...VIEWER_LIMITS, ...limits });
  const server = await serve(host, {
    port: 0,
    document,
    viewers,
    control: (action) => actions.push(action) > 0 && action !== "resume",
    limits: { ...SERVER_LIMITS, ...limits },
  });
  const { port, pathname } = new URL(server.url);
  return Object.assign(trial, {
    server,
    viewers,
    actions,
    port: Number(port),
    path: pathname,
    [Symbol.asyncDispose]: () => server.close(),
  });
}

/** A connection on which anything may be written. */
export interface Line {
  readonly socket: Socket;
  /** What has come so far. */
  readonly text: string;
  /** Waits until the end of what has come matches. */
  until(pattern: RegExp): Promise<string>;
  /** Waits until the connection is over, and gives all that has come. */
  closed(): Promise<string>;
}

/** Connects and writes. */
export function line(port: number, text: string): Line {
  const socket = connect(port, "127.0.0.1");
  let received = "", end = "", isOver = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const f of waiting) f();
  };
  socket.on("data", (bytes: Uint8Array) => {
    const text = new TextDecoder("latin1").decode(bytes);
    received += text;
    end = (end + text).slice(-(2 ** 17));
    wake();
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    isOver = true;
    wake();
  });
  socket.write(text);
  const when = (condition: () => boolean) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (!condition() && !isOver) return;
        waiting.delete(look);
        if (condition()) resolve(received);
        else {reject(
            new Error(`the connection ended after ${JSON.stringify(received.slice(-300))}`),
          );}
      };
      waiting.add(look);
      look();
    });
  return {
    socket,
    get text() {
      return received;
    },
    until: (pattern) => when(() => pattern.test(end)),
    closed: () => when(() => isOver),
  };
}

/** Sends a request as it stands and gives the whole answer. */
export async function ask(
  { port }: Trial,
  request: string,
  headers: Record<string, string> = {},
  body = "",
): Promise<{ status: number; headers: Map<string, string>; body: string }> {
  const all: Record<string, string> = { Host: `127.0.0.1:${port}`, ...headers };
  const head = Object.entries({ ...all, Connection: "close" }).map(([k, v]) => `${k}: ${v}\r\n`);
  const text = await line(port, `${request} HTTP/1.1\r\n${head.join("")}\r\n${body}`).closed();
  const [top = "", ...rest] = text.split("\r\n\r\n");
  const [first = "", ...lines] = top.split("\r\n");
  return {
    status: Number(first.split(" ")[1]),
    headers: new Map(lines.map((header) => {
      const [name = "", ...value] = header.split(": ");
      return [name.toLowerCase(), value.join(": ")];
    })),
    body: rest.join("\r\n\r\n"),
  };
}

/** Joins the viewers of a page. */
export function view({ port, path }: Trial, headers = ""): Line {
  return line(port, `GET ${path}events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${headers}\r\n`);
}

/** The events in what a viewer was sent. */
export function eventsIn(text: string): { id: number; event: string; data: unknown }[] {
  const found = text.matchAll(/id: (\d+)\nevent: (\w+)\ndata: (.*)\n\n/g);
  return [...found].map(([, id, event, data]) => ({
    id: Number(id),
    event: event!,
    data: JSON.parse(data!),
  }));
}
