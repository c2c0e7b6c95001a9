import { REFERENCE } from "./contestants.ts";
import type { Machine } from "./machine.ts";
import { runtimeName } from "../lib/host_facts.ts";
import type { StepCounts } from "./counts.ts";
import type { Plan, Result } from "./measure.ts";
import type { Summary } from "./statistics.ts";
import { WORKLOADS } from "./workloads.ts";

/** What the JSON file holds. */
export interface Recording extends Machine {
  /** The options of the run, the sizes in numbers. */
  readonly options: {
    readonly quick: boolean;
    readonly only: string | null;
    readonly backend: readonly string[];
    readonly peers: boolean;
    readonly sizes: readonly number[];
  };
  readonly plan: Plan;
  readonly results: readonly Result[];
}

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly align?: "left" | "right";
  readonly cell: (row: Row) => string;
}

/** A Markdown table whose source is aligned too. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = columns.map(({ title, cell }) => [title, ...rows.map(cell)].map(escapeCell));
  const widths = cells.map((column) => Math.max(3, ...column.map(({ length }) => length)));
  const line = (texts: readonly string[]): string => `| ${texts.join(" | ")} |`;
  const padded = (at: number): string[] =>
    columns.map(({ align }, column) => {
      const text = cells[column]![at]!;
      return align === "right" ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
    });
  const rule = columns.map(({ align }, column) =>
    align === "right" ? "-".repeat(widths[column]! - 1) + ":" : "-".repeat(widths[column]!)
  );
  return [line(padded(0)), line(rule), ...rows.map((_, row) => line(padded(row + 1)))].join("\n");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/**
 * The whole report.
 *
 * @param targets lines on what was to be reached, if anything was
 */
export function report(
  machine: Machine,
  results: readonly Result[],
  targets: readonly string[] = [],
): string {
  const backends = [...new Set(results.map(({ backend }) => backend))];
  return [
    "# Milliseconds an optimizer step",
    describe(machine),
    ...backends.flatMap((backend) => [
      `## ${backend}: medians in milliseconds`,
      summary(results.filter((result) => result.backend === backend)),
    ]),
    ...backends.flatMap((backend) =>
      WORKLOADS.flatMap(({ name, title }) => {
        const own = results.filter((r) => r.backend === backend && r.workload === name);
        return own.length === 0 ? [] : [`## ${backend}: ${title}`, details(own)];
      })
    ),
    ...targets.length === 0 ? [] : ["## Targets", targets.join("\n")],
  ].join("\n\n") + "\n";
}

function describe(machine: Machine): string {
  const { date, versions, os, cpu, wasm, adapter, torch, garbageCollection, load } = machine;
  const has = (yes: boolean, what: string): string => `${yes ? "with" : "without"} ${what}`;
  return [
    `${date}: signalfit ${versions.signalfit}, ${runtimeName(versions)}, V8 ${versions.v8}, ` +
    `TensorFlow.js ${versions.tfjs} (wasm ${has(wasm.simd, "SIMD")}, ` +
    `${has(wasm.threads, "threads")}), ` +
    (torch === null ? "" : `PyTorch ${torch} on one thread, `) +
    `${os}, ${cpu.cores} x ${cpu.model}, ` +
    `load ${load.toFixed(1)}, ${has(garbageCollection, "garbage collection before each sample")}.` +
    (adapter === null ? "" : ` WebGPU on ${adapter.description}` +
      (adapter.software ? ", a software driver: its times tell nothing about a GPU." : ".")),
    "",
    "One call of `applyGradients` with given gradients. Useful GB/s: what the update must read and " +
    "write at least (SGDF 28 bytes a parameter, AdamF 36, Adam 28, momentum 20, SGD 12), over the " +
    "median; of copy: the same over the bandwidth of a plain copy that moves 36 bytes a parameter.",
    ...adapter === null ? [] : [
      "",
      "On webgpu, ms a step is time on the wall with waiting for the device, once a sample; calls " +
      "is the time until the calls returned; processor is the time of all threads together" +
      (adapter.software ? ", the driver's included." : "."),
    ],
  ].join("\n");
}

/** Contestants by workloads. */
function summary(results: readonly Result[]): string {
  const names = new Set(results.map(({ contestant }) => contestant));
  const workloads = WORKLOADS.filter(({ name }) => results.some((r) => r.workload === name));
  const find = (contestant: string, workload: string): Result | undefined =>
    results.find((r) => r.contestant === contestant && r.workload === workload);
  return table<string>(
    [
      { title: "contestant", cell: (name) => name },
      ...workloads.map((workload): Column<string> => ({
        title: workload.name,
        align: "right",
        cell: (name) => median(find(name, workload.name)),
      })),
    ],
    [...names],
  );
}

/** Everything about one workload on one backend. */
function details(results: readonly Result[]): string {
  const onDevice = results.some(({ counts }) => counts !== null);
  const columns: Column<Result>[] = [
    { title: "contestant", cell: ({ contestant }) => contestant },
    { title: "ms a step", align: "right", cell: median },
    {
      title: "fastest",
      align: "right",
      cell: ({ milliseconds }) => milliseconds === null ? "" : number(milliseconds.min),
    },
    {
      title: "quartiles",
      align: "right",
      cell: ({ milliseconds: ms }) =>
        ms === null ? "" : `${number(ms.lowerQuartile)} to ${number(ms.upperQuartile)}`,
    },
    ...onDevice ? deviceColumns(results) : [],
    {
      title: `x ${REFERENCE}`,
      align: "right",
      cell: ({ timesReference }) => timesReference === null ? "" : number(timesReference),
    },
    {
      title: "x its like",
      cell: ({ timesPeer, peer }) => timesPeer === null ? "" : `${timesPeer.toFixed(2)} ${peer}`,
    },
    {
      title: "useful GB/s",
      align: "right",
      cell: ({ bytesPerSecond }) => bytesPerSecond === null ? "" : number(bytesPerSecond / 1e9),
    },
    {
      title: "of copy",
      align: "right",
      cell: ({ shareOfCopy }) => shareOfCopy === null ? "" : `${number(100 * shareOfCopy)} %`,
    },
  ];
  const untimed = results.filter(({ status }) => status !== "timed");
  return [
    table(columns, results),
    ...onDevice ? ["", COUNTED, "", countsTable(results)] : [],
    ...untimed.map(({ contestant, status, reason }) => `- ${contestant}: ${status}, ${reason}`),
  ].join("\n").replace(/\|\n- /, "|\n\n- ");
}

/** The other clocks. */
function deviceColumns(results: readonly Result[]): Column<Result>[] {
  const reference = results.find(({ contestant }) => contestant === REFERENCE)?.processor?.median;
  const text = (summary: Summary | null): string => summary === null ? "" : number(summary.median);
  return [
    { title: "calls", align: "right", cell: ({ calls }) => text(calls) },
    { title: "processor", align: "right", cell: ({ processor }) => text(processor) },
    {
      title: `x ${REFERENCE}, processor`,
      align: "right",
      cell: ({ processor }) =>
        reference === undefined || processor === null ? "" : number(reference / processor.median),
    },
  ];
}

const COUNTED = "Counted, a step:";

/** What each contestant asks of the device. */
function countsTable(results: readonly Result[]): string {
  const column = (
    title: string,
    value: (counts: StepCounts, result: Result) => number,
  ): Column<Result> => ({
    title,
    align: "right",
    cell: (result) =>
      result.counts === null ? "" : String(+value(result.counts, result).toFixed(2)),
  });
  return table<Result>([
    { title: "contestant", cell: ({ contestant }) => contestant },
    column("dispatches", ({ dispatches }) => dispatches),
    column("submits", ({ submits }) => submits),
    column("copies", ({ copies }) => copies),
    column("bytes copied", ({ copiedBytes }) => copiedBytes),
    column("a parameter", ({ copiedBytes }, { parameters }) => copiedBytes / parameters),
    column("writes", ({ writes }) => writes),
    column("bytes written", ({ writtenBytes }) => writtenBytes),
    column("new buffers", ({ buffers }) => buffers),
  ], results.filter(({ counts }) => counts !== null));
}

function median(result: Result | undefined): string {
  if (result === undefined) return "";
  return result.milliseconds === null ? result.status : number(result.milliseconds.median);
}

/** Three digits, without an exponent. */
export function number(value: number): string {
  if (!Number.isFinite(value) || value === 0) return String(value);
  const digits = Math.max(0, Math.min(20, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return value.toFixed(digits);
}
