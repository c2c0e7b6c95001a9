import { gzipSync } from "node:zlib";

/** What to bundle. */
export interface BundleOptions {
  /** Module to begin with, its path from the project's root or the root of all. */
  readonly entry: string;
  /** Packages that are left out, such as "@tensorflow/*". */
  readonly external?: readonly string[];
  /** One file, or a directory: what `import()` asks for is then put in files of its own. */
  readonly to: { readonly file: string } | { readonly directory: string };
}

/** The project's root. */
export const ROOT = new URL("../../", import.meta.url);

/** Bundles a module and what it imports, minified. */
export async function bundle({ entry, external = [], to }: BundleOptions): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--platform=browser",
      "--minify",
      ..."file" in to ? [`--output=${to.file}`] : ["--code-splitting", `--outdir=${to.directory}`],
      ...external.map((name) => `--external=${name}`),
      entry,
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) {
    throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr).trim()}`);
  }
}

/** Number of bytes after gzip at its best, as files are compressed that lie ready to be served. */
export function gzipped(bytes: Uint8Array): number {
  return gzipSync(bytes, { level: 9 }).length;
}
