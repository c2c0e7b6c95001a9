// The part of cli-progress that the demo uses. The package of types on npm brings in all of Node's
// global types, which contradict Deno's.

/** A bar on a terminal. */
export class SingleBar {
  constructor(options: {
    /** The line: `{bar}` and the fields of the payload in braces. */
    format: string;
    barCompleteChar: string;
    barIncompleteChar: string;
    /** Columns of the bar. */
    barsize: number;
    hideCursor: boolean;
    /** Whether it handles SIGINT and SIGTERM. */
    gracefulExit: boolean;
  });
  start(total: number, value: number, payload: Record<string, string>): void;
  update(value: number, payload: Record<string, string>): void;
  stop(): void;
}
