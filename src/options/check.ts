import { nearest } from "./nearest.ts";

/** How a value reads in an error message: strings in quotes, lists and objects in full. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(([name, field]) => `${name}: ${show(field)}`);
    return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
  }
  return String(value);
}

/**
 * Throws `Cannot <doing>: <rule>, got <value>`.
 *
 * @param doing what could not be done, such as `create a noise path`
 * @param rule the rule that was broken, such as `t must be in [0, 1]`
 * @param value the value that broke it
 */
export function fail(doing: string, rule: string, value: unknown): never {
  throw new RangeError(`Cannot ${doing}: ${rule}, got ${show(value)}`);
}

/** The value, if it is a number for which `holds` is true; otherwise an error that names the rule. */
export function checkNumber(
  doing: string,
  name: string,
  rule: string,
  value: unknown,
  holds: (value: number) => boolean,
): number {
  if (typeof value === "number" && holds(value)) return value;
  return fail(doing, `${name} must be ${rule}`, value);
}

/** The value, if it is one of the names; otherwise an error that lists them. */
export function checkName<Name extends string>(
  doing: string,
  option: string,
  names: readonly Name[],
  value: unknown,
): Name {
  const found = names.find((name) => name === value);
  return found ?? fail(doing, `${option} must be ${listOf(names)}`, value);
}

/** `"a", "b" or "c"`. */
export function listOf(names: readonly string[]): string {
  const quoted = names.map((name) => JSON.stringify(name));
  return quoted.length < 2
    ? quoted.join("")
    : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
}

/**
 * Refuses a field that is none of the names: a misspelt one would go unheard.
 *
 * @param of what has the fields, such as `option` or `field of mode`
 * @throws {TypeError} naming the nearest name, or all
 */
export function checkFields(
  doing: string,
  of: string,
  names: readonly string[],
  given: object,
): void {
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, names);
  throw new TypeError(
    `Cannot ${doing}: unknown ${of} "${unknown}"; ` +
      (near === undefined ? `there are ${names.join(", ")}` : `did you mean "${near}"?`),
  );
}

/** True for a list of numbers, plain or typed. */
export function isNumberList(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** A path, checked: not empty and no URL. */
export function checkPath(owner: string, path: unknown): asserts path is string {
  const rule = "must be a path, not empty and not a URL";
  // One letter before the colon is a drive of Windows.
  if (typeof path === "string" && path !== "" && !/^[A-Za-z][A-Za-z0-9+.-]+:\/\//.test(path)) {
    return;
  }
  throw new TypeError(`Cannot create ${owner}: path ${rule}, got ${JSON.stringify(path)}`);
}
