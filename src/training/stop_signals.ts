import * as node from "../host/node.ts";

/**
 * The signals that ask a process to end, and what it then exits with.
 */
export const EXIT_CODES: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

/** A signal that asks a process to end: Ctrl-C in a terminal, or `kill`. */
export type StopSignal = "SIGINT" | "SIGTERM";

const SIGNALS = /* @__PURE__ */ Object.keys(EXIT_CODES) as StopSignal[];

/**
 * Is told of the first signal that asks the process to end. From then on signals do again what they do
 * without this, so that the second one ends the process.
 *
 * @returns ends it; does nothing where there are no signals
 */
export async function onStopSignal(action: (signal: StopSignal) => void): Promise<() => void> {
  const process = await node.process();
  const stop = () => {
    for (const signal of SIGNALS) process.off(signal, listeners[signal]);
  };
  const listenerOf = (signal: StopSignal) => () => {
    stop();
    action(signal);
  };
  const listeners = { SIGINT: listenerOf("SIGINT"), SIGTERM: listenerOf("SIGTERM") };
  for (const signal of SIGNALS) {
    try {
      process.on(signal, listeners[signal]);
    } catch {
      // Windows has no SIGTERM in Deno.
    }
  }
  return stop;
}

/**
 * Is told of the first signal for which somebody else in this process waits, such as a Checkpoint that
 * saves and ends its run. A signal that nobody waits for goes on ending the process.
 *
 * @returns ends it
 */
export function besideStopSignal(
  process: Pick<typeof import("node:process"), "listenerCount" | "off" | "on">,
  action: () => void,
): () => void {
  const listened = SIGNALS.filter((signal) => process.listenerCount(signal) > 0);
  const stop = () => {
    for (const signal of listened) process.off(signal, told);
  };
  const told = () => {
    stop();
    action();
  };
  for (const signal of listened) process.on(signal, told);
  return stop;
}

/** Longest time in milliseconds without a turn of the event loop. */
const TURN_EVERY = 50;

/** Turns of the event loop in work that never waits, from time to time. */
export class Turns {
  #last: number = performance.now();

  /** Begins to count anew. */
  reset(): void {
    this.#last = performance.now();
  }

  /**
   * Takes a turn if the last one was long ago.
   *
   * @param every milliseconds that are long
   */
  async takeIfDue(every = TURN_EVERY): Promise<void> {
    if (performance.now() - this.#last >= every) await this.take();
  }

  /**
   * Lets the event loop turn, which signals, timers and requests wait for: training alone never does. A
   * turn by setImmediate is not enough in Deno: under steady work they wait for seconds then.
   */
  async take(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    this.reset();
  }
}
