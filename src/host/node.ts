/**
 * The modules of Node's standard library that the library uses, each imported when it is first asked
 * for. Deno and Node have them. In the package for npm a bundler for browsers takes another file in
 * the place of this one (tools/npm_package.ts), so that it meets no `node:` at all.
 */
export const fsPromises = (): Promise<typeof import("node:fs/promises")> =>
  import("node:fs/promises");
export const fs = (): Promise<typeof import("node:fs")> => import("node:fs");
export const path = (): Promise<typeof import("node:path")> => import("node:path");
export const crypto = (): Promise<typeof import("node:crypto")> => import("node:crypto");
export const os = (): Promise<typeof import("node:os")> =>
  import("node:os").then((module) => module.default);
export const http = (): Promise<typeof import("node:http")> => import("node:http");
export const timers = (): Promise<typeof import("node:timers")> => import("node:timers");
export const childProcess = (): Promise<typeof import("node:child_process")> =>
  import("node:child_process");
export const process = (): Promise<typeof import("node:process")> =>
  import("node:process").then((module) => module.default);
