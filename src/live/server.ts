import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { LiveDocument } from "./document.ts";
import type { LiveHost } from "./host.ts";
import { judge, type Place } from "./request_rules.ts";
import type { Viewers } from "./viewers.ts";

/** How much a connection costs at most. */
export interface ServerLimits {
  /**
   * Connections at the same time; beyond, the oldest one goes on which no request is being answered.
   * @default 128
   */
  readonly connections: number;
  /**
   * Milliseconds in which a request's headers must have come; twice that for all of it.
   * @default 10000
   */
  readonly patience: number;
}

export const SERVER_LIMITS: ServerLimits = { connections: 128, patience: 10_000 };

/** The most bytes of a request's headers, and of the body of a command. */
const HEADER_BYTES = 16_384;
const BODY_BYTES = 1024;

/** What a page is made of. */
export interface Served {
  /** 0 for a free one. */
  readonly port: number;
  readonly document: LiveDocument;
  readonly viewers: Viewers;
  /** Does what a viewer wants; false if it cannot be done now. */
  readonly control: (action: unknown) => boolean;
  readonly limits: ServerLimits;
}

/** A server that runs. */
export interface LiveServer {
  /** The page's address, token included. */
  readonly url: string;
  /** Whether there is a connection that is no viewer's: a request is about to come, or was just answered. */
  readonly isBusy: boolean;
  close(): Promise<void>;
}

/** Serves a page on 127.0.0.1. The server does not keep the process from ending. */
export async function serve({ http }: LiveHost, served: Served): Promise<LiveServer> {
  const { port, limits, viewers } = served;
  const place = { host: "", token: newToken() };
  /** The connections, from the oldest on, and whether a request is being answered there. */
  const sockets = new Map<Socket, boolean>();
  const server = http.createServer({
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: limits.patience,
    requestTimeout: 2 * limits.patience,
    connectionsCheckingInterval: Math.min(1000, limits.patience),
    keepAliveTimeout: 5000,
  }, (request, response) => {
    const { socket } = request;
    sockets.set(socket, true);
    response.on("close", () => sockets.has(socket) && sockets.set(socket, false));
    answer(request, response, place, served).catch(() => response.destroy());
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  server.on("connection", (socket) => {
    if (sockets.size >= limits.connections) {
      // Whoever only holds connections open must not keep the others out.
      const [idle] = [...sockets].find(([, isAnswered]) => !isAnswered) ?? [socket];
      sockets.delete(idle);
      idle.destroy();
      if (idle === socket) return;
    }
    sockets.set(socket, false);
    socket.on("close", () => sockets.delete(socket));
    socket.unref();
  });
  await new Promise<void>((done, failed) => {
    server.once("error", (cause: Error) => {
      failed(
        new Error(`Cannot start a live page on port ${port}: ${cause.message}`, { cause }),
      );
    });
    server.listen(port, "127.0.0.1", done);
  });
  server.unref();
  const address = server.address();
  place.host = `127.0.0.1:${typeof address === "object" ? address?.port : port}`;
  return {
    url: `http://${place.host}/${place.token}/`,
    get isBusy() {
      return sockets.size > viewers.size;
    },
    close: () =>
      new Promise((done) => {
        viewers.close();
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  place: Place,
  { document, viewers, control }: Served,
): Promise<void> {
  const headers = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": document.policy,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
  };
  const send = (status: number, type: string, body: string, more: Record<string, string> = {}) => {
    // A body that was not read would be taken for the next request.
    if (!request.complete) more = { ...more, Connection: "close" };
    response.writeHead(status, {
      ...headers,
      ...more,
      "Content-Type": `${type}; charset=utf-8`,
      "Content-Length": new TextEncoder().encode(body).length,
    });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  const refuse = (status: number, reason: string, more?: Record<string, string>) =>
    send(status, "text/plain", `${reason}\n`, more);

  const { method = "", url: target = "" } = request;
  const verdict = judge({ method, target, headers: request.headers }, place);
  if ("status" in verdict) {
    const { status, reason, allow } = verdict;
    return refuse(status, reason, allow === undefined ? {} : { Allow: allow });
  }
  switch (verdict.route) {
    case "":
      return send(200, "text/html", document.html);
    case "events": {
      if (viewers.isFull) return refuse(503, "too many viewers", { "Retry-After": "5" });
      response.writeHead(200, { ...headers, "Content-Type": "text/event-stream; charset=utf-8" });
      const last = request.headers["last-event-id"] ?? verdict.query.get("last") ?? "";
      return viewers.join(response, /^\d{1,15}$/.test(String(last)) ? Number(last) : undefined);
    }
    case "control": {
      if (request.headers["content-type"] !== "application/json") {
        return refuse(415, "a command is application/json");
      }
      const body = await bodyOf(request);
      if (body === undefined) return refuse(413, `a command has at most ${BODY_BYTES} bytes`);
      const action = actionOf(body);
      if (action === undefined) return refuse(400, 'a command is {"action":"pause"} and the like');
      if (!control(action)) return refuse(409, `"${action}" cannot be done now`);
      return send(200, "application/json", "{}");
    }
  }
}

/** The whole body, or undefined if it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > BODY_BYTES) return undefined;
  const decoder = new TextDecoder();
  let text = "", bytes = 0;
  // The connection is still needed for the answer.
  const pieces = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > BODY_BYTES) return undefined;
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}

function actionOf(body: string): string | undefined {
  try {
    const { action } = JSON.parse(body) ?? {};
    return action === "pause" || action === "resume" || action === "stop" ? action : undefined;
  } catch {
    return undefined;
  }
}

/** 192 random bits for an address. */
function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}
