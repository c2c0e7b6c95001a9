import { Refusal } from "./failure.ts";

/** The file that is written last: a checkpoint without it, or that differs from it, is not whole. */
export const MANIFEST_FILE = "manifest.json";

const FORMAT = "signalfit-checkpoint-1";

/** A file of a checkpoint, as the manifest describes it. */
export interface FileEntry {
  readonly name: string;
  readonly bytes: number;
  /** The SHA-256 of the content, in hexadecimal. */
  readonly sha256: string;
}

/** The text of a manifest. */
export function formatManifest(files: readonly FileEntry[]): string {
  return `${JSON.stringify({ format: FORMAT, files }, undefined, 2)}\n`;
}

/** Reads a manifest, and refuses what is none. */
export function parseManifest(text: string): FileEntry[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Refusal(
      `${MANIFEST_FILE} is damaged: it is not valid JSON, with ${text.length} characters`,
      { cause },
    );
  }
  const { format, files } = (json ?? {}) as { format?: unknown; files?: unknown };
  if (format !== FORMAT) {
    throw new Refusal(
      `${MANIFEST_FILE} must have the format "${FORMAT}", got ${JSON.stringify(format)}`,
    );
  }
  if (!Array.isArray(files) || !files.every(isFileEntry)) {
    throw new Refusal(`${MANIFEST_FILE} is damaged: it must list files with sizes and hashes`);
  }
  return files;
}

function isFileEntry(value: unknown): value is FileEntry {
  const { name, bytes, sha256 } = (value ?? {}) as Partial<FileEntry>;
  // A name, not a path: a manifest may only speak of its own folder.
  return typeof name === "string" && /^[\w.-]+$/.test(name) && !/^\.+$/.test(name) &&
    Number.isSafeInteger(bytes) && bytes! >= 0 &&
    typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256);
}
