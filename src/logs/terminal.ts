/** Where text for a person goes. */
export interface TextOutput {
  /** Whether a line can be rewritten there. */
  readonly isTerminal: boolean;
  /** Whether colors may be used. */
  readonly hasColors: boolean;
  /** Letters in a line, now. */
  readonly columns: number;
  /** Writes text as it is. */
  write(text: string): void;
}

/** The parts of Deno and Node that tell about standard output. */
interface Globals {
  readonly Deno?: {
    readonly noColor: boolean;
    consoleSize(): { readonly columns: number };
    readonly stdout: { isTerminal(): boolean; writeSync(bytes: Uint8Array): number };
  };
  readonly process?: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly stdout?: {
      readonly isTTY?: boolean;
      readonly columns?: number;
      write(text: string): unknown;
    };
  };
}

/** Columns where nothing tells how many there are. */
const COLUMNS = 80;

/** Standard output in Deno and Node, the console elsewhere. Needs no permission. */
export function standardOutput(globals: Globals = globalThis as unknown as Globals): TextOutput {
  const { Deno: deno, process } = globals;
  if (deno?.stdout !== undefined) {
    return {
      isTerminal: deno.stdout.isTerminal(),
      hasColors: !deno.noColor,
      get columns() {
        try {
          return deno.consoleSize().columns || COLUMNS;
        } catch {
          return COLUMNS;
        }
      },
      write(text) {
        const bytes = new TextEncoder().encode(text);
        for (let done = 0; done < bytes.length;) {
          done += deno.stdout.writeSync(bytes.subarray(done));
        }
      },
    };
  }
  const stdout = process?.stdout;
  if (stdout?.write !== undefined) {
    return {
      isTerminal: stdout.isTTY ?? false,
      hasColors: !process!.env.NO_COLOR,
      get columns() {
        return stdout.columns ?? COLUMNS;
      },
      write: (text) => void stdout.write(text),
    };
  }
  return {
    isTerminal: false,
    hasColors: false,
    columns: COLUMNS,
    write: (text) => console.log(text.replace(/\n$/, "")),
  };
}
