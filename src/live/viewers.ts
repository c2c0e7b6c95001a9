import type { ServerResponse } from "node:http";
import type { LiveHost } from "./host.ts";

/** How much a viewer costs at most. */
export interface ViewerLimits {
  /**
   * Viewers at the same time.
   * @default 64
   */
  readonly viewers: number;
  /**
   * Bytes that may wait for a viewer; one for whom more wait gets nothing until they are gone, and
   * then what it missed.
   * @default 262144
   */
  readonly queue: number;
  /**
   * Milliseconds after which such a viewer is given up.
   * @default 30000
   */
  readonly patience: number;
}

export const VIEWER_LIMITS: ViewerLimits = { viewers: 64, queue: 2 ** 18, patience: 30_000 };

/** Milliseconds between signs of life, by which dead connections are found. */
const HEARTBEAT = 15_000;
/** Milliseconds that a snapshot is good for: later events are sent after it. */
const SNAPSHOT_AGE = 1000;
/** Events kept for viewers that come back, at most. */
const KEPT_EVENTS = 256;
const KEPT_BYTES = 2 ** 22;

/** An event as it goes over the wire. */
interface Sent {
  readonly id: number;
  readonly bytes: Uint8Array;
}

interface Viewer {
  readonly response: ServerResponse;
  /** Id of the last event sent to it. */
  last: number | undefined;
  /** Since when it is left out because too much waits for it. */
  behind: number | undefined;
}

/**
 * The viewers of a page: who joins gets the state, then every change of it. One that is slow or dead
 * costs a bounded queue and delays nobody.
 */
export class Viewers {
  readonly #limits: ViewerLimits;
  readonly #state: () => unknown;
  readonly #viewers = new Set<Viewer>();
  readonly #endHeartbeat: () => void;
  #kept: Sent[] = [];
  #keptBytes = 0;
  #id = 0;
  #snapshot: Sent & { readonly made: number } | undefined;

  /**
   * @param state gives the state as it is, plain data for JSON
   * @param limits see {@linkcode ViewerLimits}
   */
  constructor({ timers }: Pick<LiveHost, "timers">, state: () => unknown, limits: ViewerLimits) {
    this.#state = state;
    this.#limits = limits;
    const heartbeat = timers.setInterval(() => this.#beat(), HEARTBEAT).unref();
    this.#endHeartbeat = () => timers.clearInterval(heartbeat);
  }

  get size(): number {
    return this.#viewers.size;
  }

  /** Whether no more are taken in. */
  get isFull(): boolean {
    return this.#viewers.size >= this.#limits.viewers;
  }

  /** Bytes that wait to be sent, to all together. */
  get waiting(): number {
    return [...this.#viewers].reduce((sum, { response }) => sum + response.writableLength, 0);
  }

  /** Sends a change to all. */
  publish(change: unknown): void {
    const sent = { id: ++this.#id, bytes: event(this.#id, "patch", change) };
    this.#kept.push(sent);
    this.#keptBytes += sent.bytes.length;
    while (this.#kept.length > KEPT_EVENTS || this.#keptBytes > KEPT_BYTES) {
      this.#keptBytes -= this.#kept.shift()!.bytes.length;
    }
    for (const viewer of this.#viewers) this.#send(viewer);
  }

  /**
   * Takes in a viewer.
   *
   * @param last id of the last event that it has, if it was here before
   */
  join(response: ServerResponse, last: number | undefined): void {
    const viewer: Viewer = { response, last, behind: undefined };
    this.#viewers.add(viewer);
    response.on("close", () => this.#viewers.delete(viewer));
    response.on("error", () => this.#viewers.delete(viewer));
    response.on("drain", () => this.#catchUp(viewer));
    response.write("retry: 1000\n\n");
    this.#send(viewer);
  }

  /** Waits until everything is sent, but not for long. */
  async flushed(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    while (this.waiting > 0 && performance.now() < end) {
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  /** Ends all connections. */
  close(): void {
    this.#endHeartbeat();
    for (const { response } of this.#viewers) response.end();
    this.#viewers.clear();
  }

  /** The events since one of them: those missed if they are kept, else a snapshot and what follows. */
  #since(last: number | undefined): Sent[] {
    const from = this.#kept[0]?.id ?? this.#id + 1;
    if (last !== undefined && last <= this.#id && last + 1 >= from) {
      return this.#kept.filter(({ id }) => id > last);
    }
    const now = performance.now(), old = this.#snapshot;
    if (old === undefined || now - old.made > SNAPSHOT_AGE || old.id + 1 < from) {
      const id = this.#id;
      this.#snapshot = { id, bytes: event(id, "snapshot", this.#state()), made: now };
    }
    const snapshot = this.#snapshot!;
    return [snapshot, ...this.#kept.filter(({ id }) => id > snapshot.id)];
  }

  /** Sends a viewer what it lacks. */
  #send(viewer: Viewer): void {
    const { response, last, behind } = viewer;
    if (behind !== undefined) return;
    for (const { id, bytes } of this.#since(last)) {
      response.write(bytes);
      viewer.last = id;
    }
    if (response.writableLength > this.#limits.queue) viewer.behind = performance.now();
  }

  /** What waited for a viewer is gone. */
  #catchUp(viewer: Viewer): void {
    viewer.behind = undefined;
    this.#send(viewer);
  }

  #beat(): void {
    const now = performance.now();
    for (const { response, behind } of this.#viewers) {
      if (behind === undefined) response.write(": alive\n\n");
      else if (now - behind > this.#limits.patience) response.destroy();
    }
  }
}

function event(id: number, name: string, data: unknown): Uint8Array {
  return new TextEncoder().encode(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}
