import { LivePage, type LivePageOptions } from "@signalfit/tfjs/live";
import { canOpenBrowser } from "./can_open_browser.ts";

/** What asks for a page in the browser. */
export interface LiveChoice {
  readonly live: boolean;
  readonly report?: string | undefined;
}

/**
 * Starts a live page if one is asked for, tells its address, and opens it where somebody sits. Null if
 * none is; a report alone has no address to be told.
 */
export async function startLivePage(
  { live, report }: LiveChoice,
  options: LivePageOptions,
  note: (line: string) => void,
): Promise<LivePage | null> {
  if (!live && report === undefined) return null;
  const page = new LivePage({
    ...options,
    open: live && canOpenBrowser(),
    ...report === undefined ? {} : { report },
  });
  const address = await page.start();
  if (live) note(`Live page: ${address}`);
  return page;
}

/** Runs a body with a live page if one is asked for, and closes the page in the end. */
export async function withLivePage<Result>(
  choice: LiveChoice,
  options: LivePageOptions,
  note: (line: string) => void,
  body: (page: LivePage | null) => Promise<Result>,
): Promise<Result> {
  const page = await startLivePage(choice, options, note);
  try {
    return await body(page);
  } finally {
    await page?.close();
  }
}
