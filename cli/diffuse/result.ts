import { type DiffusionData, isImage } from "./data.ts";
import type { Session } from "./session.ts";
import type { Settings } from "./settings.ts";

/** What `signalfit diffuse` ends with, as `--json` prints it. */
export interface DiffuseResult extends Omit<Settings, "steps" | "optimizerOptions"> {
  readonly data: string;
  /** Images or points that were learned from. */
  readonly count: number;
  readonly shape: readonly number[];
  readonly classes: readonly string[];
  /** Weights of the network. */
  readonly parameters: number;
  readonly backend: string;
  readonly learningRate: number;
  /** Steps that are done, those before a resumption included. */
  readonly steps: number;
  /** Steps that were done before a resumption. */
  readonly resumedAt: number;
  /** Whether it was stopped before its end. */
  readonly interrupted: boolean;
  /** Running mean of the raw loss, over all noise levels alike; null before any was measured. */
  readonly loss: number | null;
  /** The same by noise level, with the part of the target that is recovered. */
  readonly levels: readonly {
    readonly t: number;
    readonly loss: number;
    readonly recoverability: number;
    readonly weight: number;
  }[];
  /** What was written. */
  readonly files: Readonly<Record<string, string>>;
  /** How to go on, if it was interrupted. */
  readonly resume: string | null;
}

/** Puts a result together. */
export function resultOf(
  { data, settings, backend, session, resumedAt, files, resume }: {
    readonly data: DiffusionData;
    readonly settings: Settings;
    readonly backend: string;
    readonly session: Session;
    readonly resumedAt: number;
    readonly files: Readonly<Record<string, string>>;
    readonly resume: string | null;
  },
): DiffuseResult {
  const { optimizerOptions, steps: _, ...rest } = settings;
  const levels = session.report().bins
    .filter(({ loss }) => Number.isFinite(loss))
    .map(({ t, loss, recoverability, weight }) => ({ t, loss, recoverability, weight }));
  const sum = levels.reduce((sum, { loss }) => sum + loss, 0);
  return {
    ...rest,
    data: data.name,
    count: data.count,
    shape: data.shape,
    classes: data.classes,
    parameters: session.parameters,
    backend,
    learningRate: optimizerOptions.learningRate as number,
    steps: session.steps,
    resumedAt,
    interrupted: resume !== null,
    loss: levels.length === 0 ? null : sum / levels.length,
    levels,
    files,
    resume,
  };
}

/** The data in a few words. */
export function describe({ shape, count, classes, columns }: DiffusionData): string {
  const of = classes.length > 1 ? ` of ${classes.length} classes` : "";
  if (!isImage(shape)) return `${count} points of ${columns.map(({ name }) => name).join(", ")}`;
  const [rows, across, channels] = shape;
  return `${count} images${of}, ${across} x ${rows} pixels${channels === 3 ? " in colors" : ""}`;
}
