import { LivePage } from "../../../callbacks/live_page.ts";
import { checkWritableFile } from "../lib/writable.ts";
import { canOpenBrowser } from "../lib/can_open_browser.ts";

/** What asks for a page in the browser. */
export interface LiveChoice {
  readonly live: boolean;
  readonly report?: string | undefined;
}

/**
 * Runs a body with a live page if one is asked for, and closes the page in the end. Its address is told
 * first.
 */
export async function withLivePage<Result>(
  { live, report }: LiveChoice,
  title: string,
  note: (line: string) => void,
  body: (page: LivePage | null) => Promise<Result>,
): Promise<Result> {
  if (!live && report === undefined) return await body(null);
  if (report !== undefined) await checkWritableFile(report);
  const page = new LivePage({
    title,
    open: live && canOpenBrowser(),
    ...report === undefined ? {} : { report },
  });
  note(`Live page: ${await page.start()}`);
  try {
    return await body(page);
  } finally {
    await page.close();
  }
}
