import process from "node:process";

/** What a program may be allowed to do. In Node all of it is, unless --permission takes it away. */
export const PERMISSIONS = ["read", "write", "env", "net", "sys", "run"] as const;

/** One of {@link PERMISSIONS}. */
export type Permission = typeof PERMISSIONS[number];

/** "granted", "denied", or "prompt" where Deno would ask the person at the terminal. */
export type PermissionState = "granted" | "denied" | "prompt";

/** The parts of Deno's and Node's API that are used, where they are there. */
interface Globals {
  readonly Deno?: {
    readonly permissions: { querySync(query: { name: Permission }): { state: PermissionState } };
  };
}
interface NodePermission {
  has(scope: string): boolean;
}

/** Node's names of the same things; what has none is always allowed. */
const NODE_SCOPES: Readonly<Partial<Record<Permission, string>>> = {
  read: "fs.read",
  write: "fs.write",
  run: "child",
};

/** Whether this process may do something, all of it; asks nobody. */
export function permission(name: Permission): PermissionState {
  const { Deno: deno } = globalThis as Globals;
  if (deno !== undefined) return deno.permissions.querySync({ name }).state;
  const node = (process as { permission?: NodePermission }).permission;
  const scope = NODE_SCOPES[name];
  return node === undefined || scope === undefined || node.has(scope) ? "granted" : "denied";
}

/** What a function gives, or the other value where a permission for it is missing. */
export function allowed<Value, Other>(
  needs: Permission,
  get: () => Value,
  other: Other,
): Value | Other {
  if (permission(needs) !== "granted") return other;
  return get();
}
