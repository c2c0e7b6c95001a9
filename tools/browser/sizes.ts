import { join } from "node:path";
import { bundle, gzipped, ROOT } from "./bundle.ts";

/** The size of something that a browser loads. */
export interface Size {
  readonly what: string;
  /** Bytes, minified. */
  readonly bytes: number;
  /** Bytes that go over the wire. */
  readonly gzipped: number;
}

/** What an application imports of the library, to be bundled without tfjs's own packages. */
export const APPLICATIONS = {
  core: ["sgdf", "adamf"],
  started: ["sgdf", "adamf", "initBackend"],
  diffusion: ["adamf", "initBackend", "ERD", "drawSamples", "EmaWeights"],
  all: "*",
  nothing: [],
} as const satisfies Record<string, readonly string[] | "*">;

/** Measures what the library adds to an application that has tfjs. */
export async function sizeOf(imports: readonly string[] | "*"): Promise<Size> {
  const directory = await Deno.makeTempDir({ prefix: "signalfit-size-" });
  try {
    const entry = join(directory, "entry.ts"), file = join(directory, "bundle.js");
    await Deno.writeTextFile(entry, program(imports));
    await bundle({ entry, external: ["@tensorflow/*"], to: { file } });
    const code = await Deno.readFile(file);
    const what = imports === "*" ? "all of the library" : `{ ${imports.join(", ")} }`;
    return { what, bytes: code.length, gzipped: gzipped(code) };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** What is imported of the entry for diffusion. */
const DIFFUSION: readonly string[] = ["ERD", "drawSamples", "EmaWeights"];

/** A program that uses what it imports; without any, one that imports the library for nothing. */
function program(imports: readonly string[] | "*"): string {
  const [core, diffusion] = ["mod.ts", "diffusion.ts"].map((name) =>
    JSON.stringify(new URL(name, ROOT).href)
  );
  if (imports === "*") return `export * from ${core};\nexport * from ${diffusion};\n`;
  if (imports.length === 0) return `import ${core};\n`;
  const isDiffusion = (name: string) => DIFFUSION.includes(name);
  const names = [imports.filter((name) => !isDiffusion(name)), imports.filter(isDiffusion)];
  return `export { ${names[0]!.join(", ")} } from ${core};\n` +
    `export { ${names[1]!.join(", ")} } from ${diffusion};\n`;
}

/** The sizes that `deno task browser` tells beside those of the page. */
export async function measuredSizes(): Promise<Size[]> {
  const { core, started, diffusion, all } = APPLICATIONS;
  const sizes: Size[] = [];
  for (const imports of [core, started, diffusion, all]) {
    const { what, ...size } = await sizeOf(imports);
    const of = imports === core ? "core, without tfjs: " : "without tfjs: ";
    sizes.push({ what: of + what, ...size });
  }
  return sizes;
}

/** Sizes as a table. */
export function sizeTable(sizes: readonly Size[]): string {
  const rows = sizes.map(({ what, bytes, gzipped }) => [
    what,
    ...[bytes, gzipped].map((count) => (count / 1024).toFixed(1)),
  ]);
  const all = [["KiB", "minified", "gzipped"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map(([what = "", ...numbers]) =>
    [what.padEnd(widths[0]!), ...numbers.map((text, i) => text.padStart(widths[i + 1]!))].join("  ")
  ).join("\n");
}
