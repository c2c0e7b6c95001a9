import type { LiveHost } from "./host.ts";

/** What opens an address, by platform. */
const OPENERS: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Opens an address in the user's browser. Where that fails, a warning says so. */
export function openInBrowser({ children, process }: LiveHost, url: string): void {
  const [command, ...args] = OPENERS[process.platform] ?? ["xdg-open"];
  const warn = (error: unknown) => {
    const reason = error instanceof Error ? error.message : error;
    console.warn(`LivePage: cannot open a browser (${reason}); the address is ${url}`);
  };
  try {
    const child = children.spawn(command, [...args, url], { stdio: "ignore", detached: true });
    child.on("error", warn);
    child.unref();
  } catch (error) {
    warn(error); // In Deno, without the permission to run it.
  }
}
