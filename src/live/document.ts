import { joinModules } from "./join_modules.ts";
import type { LiveHost } from "./host.ts";
import type { LiveState } from "./data.ts";

/** A document and the policy it is to be served with. */
export interface LiveDocument {
  readonly html: string;
  /** Value of Content-Security-Policy. */
  readonly policy: string;
}

/** The page, live and as a report: the same document with another source of data. */
export interface LiveDocuments {
  /** The document that gets its data from the server. */
  readonly live: LiveDocument;
  /** The document that holds its data. */
  report(state: LiveState): string;
}

const STYLES = ["vendor/uPlot.min.css", "page.css"];
const LIBRARY = "vendor/uPlot.iife.min.js";
const ENTRY = "main.js";

/** Reads the page's parts and puts them together. */
export async function loadDocuments(host: LiveHost): Promise<LiveDocuments> {
  const read = (name: string) => readPart(host, name);
  const [template, library, script, ...styles] = await Promise.all([
    read("page.html"),
    read(LIBRARY),
    joinModules(read, ENTRY),
    ...STYLES.map(read),
  ]);
  const style = styles.join("\n");
  const scripts = [library.trim(), script];
  const hashes = await Promise.all(scripts.map(sourceHash));
  const policy = [
    "default-src 'none'",
    `script-src ${hashes.join(" ")}`,
    `style-src ${await sourceHash(style)}`,
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  const build = (head: string, data: string) =>
    template
      .replace("<!-- head -->", () => `${head}<style>${style}</style>`)
      .replace("<!-- data -->", () => data)
      .replace("<!-- scripts -->", () => scripts.map((s) => `<script>${s}</script>`).join("\n"));
  return {
    live: {
      html: build("", ""),
      policy: [...policy, "connect-src 'self'", "frame-ancestors 'none'"].join("; "),
    },
    report: (state) =>
      build(
        `<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">\n`,
        `<script type="application/json" id="data">${inScript(state)}</script>`,
      ),
  };
}

/** JSON that cannot end the element it stands in. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

/** A source expression that allows exactly this text. */
async function sourceHash(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(hash)))}'`;
}

/** Reads a part of the page, which lies beside this module: on disk, or where that came from. */
async function readPart({ fs }: LiveHost, name: string): Promise<string> {
  const url = new URL(`./page/${name}`, import.meta.url);
  try {
    if (url.protocol === "file:") return await fs.readFile(url, "utf8");
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    return await response.text();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot start a live page: its part ${name} cannot be read (${reason})`, {
      cause,
    });
  }
}
