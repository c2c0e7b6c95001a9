import { styleText } from "node:util";
import { runtimeName } from "../lib/host_facts.ts";
import type { AdapterFacts, BackendFacts, Findings, SelfTest } from "./findings.ts";
import { STEPS, TESTED } from "./self_test.ts";

/** The findings as text for a person. */
export function reportText(findings: Findings, hasColors: boolean): string {
  const paint = (style: "bold" | "green" | "red", text: string): string =>
    hasColors ? styleText(style, text, { validateStream: false }) : text;
  const head = (text: string): string => paint("bold", text);
  const { versions, cpu, memory, os, permissions, choice, backends, selfTests, advice } = findings;
  const missing = Object.entries(permissions).filter(([, state]) => state !== "granted");
  const failed = selfTests.filter(({ status }) => status === "failed").length;
  const gib = memory === 0 ? "" : `, ${(memory / 2 ** 30).toFixed(1)} GiB`;
  return [
    head(`signalfit ${versions.signalfit}`),
    ...table([
      ["runtime", `${runtimeName(versions)}, V8 ${versions.v8}, tfjs ${versions.tfjs}`],
      ["system", `${os}; ${cpu.cores} x ${cpu.model}${gib}`],
      [
        "permissions",
        missing.length === 0
          ? "all"
          : `all but ${missing.map(([name, state]) => `${name} (${state})`).join(", ")}`,
      ],
      [
        "WebAssembly",
        `${withOrWithout(findings.wasm.simd)} SIMD, ` +
        `${withOrWithout(findings.wasm.threads)} threads`,
      ],
      ["WebGPU", ...adapterLines(findings.adapter)],
    ]),
    "",
    head("Backends"),
    ...table([
      ...backends.map((facts) => [facts.name, ...backendLines(facts)]),
      [
        "initBackend()",
        `takes ${choice.backend ?? "none"} (${choice.description})`,
        ...choice.passedOver.map(({ backend, reason }) => `passes over ${backend}: ${reason}`),
      ],
    ]),
    "",
    head(`Self-test: ${STEPS} steps of ${TESTED.length} optimizers beside float64`),
    ...table(selfTests.map((test) => [
      `${test.engine} on ${test.backend}`,
      test.status === "ok"
        ? `${paint("green", "ok")}      ${errorOf(test)}`
        : paint("red", "failed") +
          `  ${test.reason}`,
    ])),
    ...advice.length === 0 ? [] : ["", head("What could be better"), ...advice.map(item)],
    "",
    failed === 0
      ? paint("green", "Every engine that can run here computes what it should.")
      : paint("red", `${failed} of ${selfTests.length} self-tests failed.`),
  ].join("\n") + "\n";
}

/** Rows of a name and one or more lines. */
function table(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([name = ""]) => name.length));
  return rows.flatMap(([name = "", ...lines]) =>
    lines.map((line, index) => `  ${(index === 0 ? name : "").padEnd(width)}  ${line}`)
  );
}

function item(text: string): string {
  return `  - ${text}.`;
}

function withOrWithout(has: boolean): string {
  return has ? "with" : "without";
}

function adapterLines(adapter: AdapterFacts | { readonly missing: string }): string[] {
  if ("missing" in adapter) return [`none: ${adapter.missing}`];
  return [
    `${adapter.description}${adapter.software ? ", a software adapter" : ""}`,
    ...Object.entries(adapter.limits).map(([name, value]) => `${name} ${value}`),
  ];
}

function backendLines(
  { problem, kernels, ownKernels, missingKernels }: BackendFacts,
): string[] {
  if (problem !== null) return [`does not start: ${problem}`];
  const ofTraining = missingKernels.filter((name) => TRAINING.test(name));
  const missing = missingKernels.length === 0 ? "" : `, ${missingKernels.length} fewer than cpu`;
  return [
    `starts; ${kernels} kernels${missing}`,
    ...ownKernels.length === 0 ? [] : [`signalfit's, for training: ${ownKernels.join(", ")}`],
    ...ofTraining.length === 0 ? [] : [`cannot train what needs ${ofTraining.join(", ")}`],
  ];
}

/** Kernels that only training calls; gradients of gathering and of einsum are made of the latter two. */
const TRAINING = /Backprop|Grad|UnsortedSegmentSum|^Einsum$/;

function errorOf({ ulps, worst }: SelfTest): string {
  return `largest error ${ulps!.toFixed(1)} ulp (${worst})`;
}
