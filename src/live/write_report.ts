import { failure } from "../io/failure.ts";
import type { LiveHost } from "./host.ts";

/** Writes a report so that there is all of it or what was there before. */
export async function writeReport(
  { fs, process }: LiveHost,
  path: string,
  html: string,
): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    await fs.writeFile(unfinished, html);
    await fs.rename(unfinished, path);
  } catch (error) {
    await fs.rm(unfinished, { force: true }).catch(() => {});
    throw failure("Cannot write the report", path, error);
  }
}
