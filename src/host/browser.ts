/**
 * What stands in the place of `node.ts` where a bundler makes a package for browsers: each import
 * fails as that of an absent module does, and whoever asked says what to do instead.
 */
type Host = typeof import("./node.ts");

const absent = (name: string) => (): Promise<never> =>
  Promise.reject(new Error(`a browser has no module node:${name}`));

export const fsPromises: Host["fsPromises"] = /* @__PURE__ */ absent("fs/promises");
export const fs: Host["fs"] = /* @__PURE__ */ absent("fs");
export const path: Host["path"] = /* @__PURE__ */ absent("path");
export const crypto: Host["crypto"] = /* @__PURE__ */ absent("crypto");
export const os: Host["os"] = /* @__PURE__ */ absent("os");
export const http: Host["http"] = /* @__PURE__ */ absent("http");
export const timers: Host["timers"] = /* @__PURE__ */ absent("timers");
export const childProcess: Host["childProcess"] = /* @__PURE__ */ absent("child_process");
export const process: Host["process"] = /* @__PURE__ */ absent("process");
