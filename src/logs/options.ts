/** A path, checked: not empty and no URL. */
export function checkPath(owner: string, path: unknown): asserts path is string {
  const rule = "must be a path, not empty and not a URL";
  // One letter before the colon is a drive of Windows.
  if (typeof path === "string" && path !== "" && !/^[A-Za-z][A-Za-z0-9+.-]+:\/\//.test(path)) {
    return;
  }
  throw new TypeError(`Cannot create ${owner}: path ${rule}, got ${JSON.stringify(path)}`);
}
