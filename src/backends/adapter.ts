/** Names under which software drivers for WebGPU are known. */
const SOFTWARE = /llvmpipe|lavapipe|swiftshader|software|basic render|warp\b/i;

/** The graphics adapter, or why there is none and what to install. */
export async function findAdapter(): Promise<GPUAdapter | string> {
  const gpu = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (gpu === undefined) {
    return "this runtime has no WebGPU (Deno 2 has it, and current browsers on https and localhost)";
  }
  quietenDriver();
  let adapter: GPUAdapter | null = null;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  } catch {
    // as if there were none
  }
  const { Deno: deno } = globalThis as { Deno?: DenoLike };
  return adapter ?? adapterMissing(deno?.build.os);
}

/**
 * Words for a missing adapter.
 *
 * @param os the system by Deno's name; undefined in a browser, where nothing can be installed from
 */
export function adapterMissing(os: string | undefined): string {
  const text = "no graphics adapter was found";
  if (os !== "linux") return text;
  return `${text}; install your card's Vulkan driver, or for a software one on ` +
    "Debian: apt-get install mesa-vulkan-drivers libvulkan1";
}

/** What an adapter calls itself, and whether it computes on the processor. */
export function describeAdapter(adapter: GPUAdapter): { description: string; software: boolean } {
  const info = adapter.info as Partial<GPUAdapterInfo> & { isFallbackAdapter?: boolean };
  const description = [info.description, info.device, info.architecture, info.vendor]
    .find((text) => text !== undefined && text !== "" && !/^\d+$/.test(text)) ?? "unnamed adapter";
  const fallback = info.isFallbackAdapter ??
    (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter ?? false;
  return { description, software: fallback || SOFTWARE.test(description) };
}

/** The part of Deno's API that is used, where there is one. */
interface DenoLike {
  readonly build: { readonly os: string };
  readonly env: { get(name: string): string | undefined; set(name: string, value: string): void };
  readonly permissions: { querySync(descriptor: { name: "env" }): { state: string } };
}

/**
 * On Linux, Mesa's driver complains on the terminal where XDG_RUNTIME_DIR is not set, as in
 * containers. Where the environment may be changed, it is set to /tmp.
 */
function quietenDriver(): void {
  const deno = (globalThis as { Deno?: DenoLike }).Deno;
  if (deno?.build.os !== "linux") return;
  if (deno.permissions.querySync({ name: "env" }).state !== "granted") return;
  if (!deno.env.get("XDG_RUNTIME_DIR")) deno.env.set("XDG_RUNTIME_DIR", "/tmp");
}
