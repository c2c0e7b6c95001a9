import { disposeVariables } from "@tensorflow/tfjs-core";
import { type BackendName, useBackend } from "./backends.ts";

/** The backends that must be there, as in SIGNALFIT_REQUIRE=webgpu,wasm: without one, tests fail. */
const required = (Deno.env.get("SIGNALFIT_REQUIRE") ?? "").split(",");

/** Whether a backend can be tested here. Only webgpu may be missing: it needs a driver. */
async function isThere(backend: BackendName): Promise<boolean> {
  if (backend !== "webgpu") return true;
  return await navigator.gpu?.requestAdapter() != null;
}

const there = new Map<BackendName, Promise<boolean>>();

/**
 * A test on a backend. Where the backend is missing it is left out, and says so, unless
 * SIGNALFIT_REQUIRE names the backend.
 */
export function backendTest(
  name: string,
  backend: BackendName,
  body: () => Promise<void> | void,
): void {
  Deno.test({
    name,
    // tfjs keeps a device, its adapter and its mapped buffers.
    sanitizeResources: backend !== "webgpu",
    sanitizeOps: backend !== "webgpu",
    async fn() {
      if (!there.has(backend)) there.set(backend, isThere(backend));
      if (!await there.get(backend) && !required.includes(backend)) {
        console.log(`not tested: there is no ${backend} here`);
        return;
      }
      await useBackend(backend);
      try {
        await body();
      } catch (error) {
        disposeVariables(); // so that the next test does not meet their names
        throw error;
      }
    },
  });
}
