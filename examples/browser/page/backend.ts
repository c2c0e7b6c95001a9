import { type BackendReport, initBackend } from "@signalfit/tfjs";
import { enableProdMode } from "@tensorflow/tfjs-core";
import { find } from "./elements.ts";

const NAMES = ["webgpu", "wasm", "cpu"] as const;

/** Starts the backend that the address asks for, else the fastest; choosing another loads anew. */
export async function startBackend(): Promise<BackendReport> {
  const choice = find(document, "#backend-choice", HTMLSelectElement);
  const wanted = new URLSearchParams(location.search).get("backend");
  const name = NAMES.find((each) => each === wanted);
  choice.value = name ?? "auto";
  choice.addEventListener("change", () => {
    const query = choice.value === "auto" ? "" : `?backend=${choice.value}`;
    location.assign(location.pathname + query + location.hash);
  });
  enableProdMode(); // no banner
  if (name === undefined || name === "wasm") {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    setWasmPaths("/wasm/");
  }
  return await initBackend(name);
}
