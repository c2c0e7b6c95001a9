import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { allowed, permission } from "../lib/permissions.ts";
import type { Findings } from "./findings.ts";

/** What each permission is for, and Deno's flag that gives it. */
const USES: Readonly<Record<keyof Findings["permissions"], string>> = {
  read: "the .wasm files of the wasm backend, data, checkpoints",
  write: "checkpoints, reports and pictures",
  env: "the variables of graphics drivers, and to keep Mesa quiet (else set XDG_RUNTIME_DIR=/tmp)",
  net: "live pages, and data that is downloaded",
  sys: "the processor's name, and locks of checkpoints",
  run: "opening a live page in a browser",
};

/** Where Vulkan's loader looks for drivers on Linux. */
const DRIVER_DIRECTORIES = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/** Variables that name the only drivers that Vulkan's loader may use. */
const DRIVER_VARIABLES = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"];

const INSTALL = "apt-get install mesa-vulkan-drivers libvulkan1";

/** A sentence for everything that is missing: what it is and how to get it. */
export function adviceFor(findings: Omit<Findings, "advice">): string[] {
  return [
    ...permissionAdvice(findings),
    ...graphicsAdvice(findings),
    ...wasmAdvice(findings),
    ...selfTestAdvice(findings),
  ];
}

function permissionAdvice({ permissions, versions }: Omit<Findings, "advice">): string[] {
  return Object.entries(permissions)
    .filter(([, state]) => state !== "granted")
    .map(([name, state]) => {
      const flag = versions.deno === undefined ? NODE_FLAGS[name] ?? "" : `--allow-${name}`;
      const uses = USES[name as keyof typeof USES];
      return `The permission "${name}" is ${state === "denied" ? "denied" : "not given"}: for ` +
        `${uses}. Run with ${flag}`;
    });
}

const NODE_FLAGS: Readonly<Record<string, string>> = {
  read: "--allow-fs-read=*",
  write: "--allow-fs-write=*",
  run: "--allow-child-process",
};

function graphicsAdvice({ adapter, versions }: Omit<Findings, "advice">): string[] {
  if (!("missing" in adapter)) {
    return adapter.software
      ? [
        "WebGPU runs on the processor here: initBackend() passes it over. For a graphics card, " +
        "install its own Vulkan driver; in a container, hand the device in (--device /dev/dri, or " +
        "--gpus all)",
      ]
      : [];
  }
  if (versions.deno === undefined) {
    return ["Node has no WebGPU: run the program in Deno 2 to use a graphics card"];
  }
  if (process.platform !== "linux") return [`WebGPU: ${adapter.missing}`];
  return [
    ...DRIVER_VARIABLES.flatMap((name) => restrictedTo(name)),
    ...hasDriver() === false
      ? [`No Vulkan driver is installed. For a software one on Debian and Ubuntu: ${INSTALL}`]
      : [
        "WebGPU found no adapter. Install your card's Vulkan driver, or a software one on Debian " +
        `and Ubuntu: ${INSTALL}`,
      ],
  ];
}

/** What a variable that names drivers has to do with it, if it is set. */
function restrictedTo(name: string): string[] {
  const value = allowed("env", () => process.env[name], undefined);
  if (!value) return [];
  const absent = value.split(":").filter((path) => !allowed("read", () => existsSync(path), true));
  return [
    `${name} is set to ${value}, so that no other Vulkan driver is used` +
    (absent.length > 0 ? `, and ${absent.join(", ")} does not exist` : "") +
    `. Unset it, or name a driver in ${DRIVER_DIRECTORIES[0]}`,
  ];
}

/** Whether a Vulkan driver is installed; undefined where that may not be looked at. */
function hasDriver(): boolean | undefined {
  return allowed("read", () =>
    DRIVER_DIRECTORIES.some((directory) => {
      try {
        return readdirSync(directory).some((name) => name.endsWith(".json"));
      } catch {
        return false;
      }
    }), undefined);
}

function wasmAdvice({ wasm, backends }: Omit<Findings, "advice">): string[] {
  const backend = backends.find(({ name }) => name === "wasm");
  return [
    ...wasm.simd ? [] : [
      "WebAssembly has no vector instructions here, which the simd engine needs: update the runtime",
    ],
    ...backend?.problem && permission("read") === "granted"
      ? [`The wasm backend does not start: ${backend.problem}`]
      : [],
  ];
}

function selfTestAdvice({ selfTests }: Omit<Findings, "advice">): string[] {
  return selfTests
    .filter(({ status }) => status === "failed")
    .map(({ engine, backend, reason }) =>
      `The ${engine} engine computes wrong numbers on ${backend} (${reason}). Choose another by ` +
      `the option engine, and please report it with the output of signalfit doctor --json`
    );
}
