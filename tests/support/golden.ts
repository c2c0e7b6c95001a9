import assert from "node:assert/strict";

/** A reference trajectory, schema sgdf-golden/1. */
export interface Golden {
  readonly id: string;
  readonly algorithm: "SGDF" | "AdamF";
  readonly hyper: GoldenHyper;
  readonly params: readonly { readonly shape: number[]; readonly init: number[] }[];
  /** By step and parameter; null where there is no gradient. Absent in closed loops. */
  readonly grads?: readonly (readonly (number[] | null)[])[];
  readonly groups?: readonly (Partial<GoldenHyper> & { readonly indices: number[] })[];
  readonly lr_schedule?: readonly number[];
  readonly problem?: { readonly h: number[]; readonly noise: number[][] };
  readonly note?: string;
  readonly traces: readonly Trace[];
}

export interface GoldenHyper {
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly gamma: number;
  readonly weight_decay: number;
  readonly weight_decouple: boolean;
  readonly use_sign?: boolean;
  readonly amsgrad?: boolean;
  readonly var_correction?: boolean;
  readonly denom?: "v" | "s";
}

/** Arrays by step and parameter. */
type Track = readonly (readonly (readonly number[] | null)[])[];

export interface Trace {
  readonly variant: "paper" | "root" | "2024_factor" | "2024_first";
  readonly dtype: "float32" | "float64";
  readonly params: Track;
  readonly exp_avg: Track;
  readonly exp_var: Track;
  readonly exp_avg_sq?: Track;
  readonly max_exp_avg_sq?: Track;
  readonly grads?: Track;
  readonly final_step_counters: readonly number[];
}

/** The slot of a rule that each array of a trace shows. */
export const TRACKS = {
  params: "param",
  exp_avg: "m",
  exp_var: "s",
  exp_avg_sq: "v",
  max_exp_avg_sq: "vmax",
} as const;

const directory = new URL("../golden/optimizers/", import.meta.url);

/** All reference trajectories. */
export const goldens: readonly Golden[] = [...Deno.readDirSync(directory)]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".json"))
  .sort()
  .map((name) => JSON.parse(Deno.readTextFileSync(new URL(name, directory))));

/** The hyper-parameters of one parameter at one step: groups and learning-rate schedule applied. */
export function hyperOf(golden: Golden, param: number, step: number): GoldenHyper {
  const group = golden.groups?.find(({ indices }) => indices.includes(param));
  const lr = golden.lr_schedule?.[step];
  return { ...golden.hyper, ...lr === undefined ? {} : { lr }, ...group };
}

/** The gradients of a step; in a closed loop they follow from the present parameters. */
export function gradientsAt(
  golden: Golden,
  step: number,
  params: readonly ArrayLike<number>[],
): (readonly number[] | null)[] {
  const { grads, problem } = golden;
  if (grads !== undefined) return [...grads[step]!];
  return params.map((param) =>
    Array.from(param, (value, i) => problem!.h[i]! * value + problem!.noise[step]![i]!)
  );
}

/** Asserts |actual - expected| <= tolerance (|expected| + 1e-3 max |expected| over the trace). */
export function assertTrack(
  track: Track,
  step: number,
  param: number,
  actual: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  const expected = track[step]![param];
  if (expected === null || expected === undefined) {
    assert.ok(Array.from(actual).every((value) => value === 0), `${what}: state before the start`);
    return;
  }
  const peak = Math.max(
    ...track.flatMap((arrays) => (arrays[param] ?? []).map((value) => Math.abs(value))),
  );
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    const allowed = tolerance * (Math.abs(value) + 1e-3 * peak);
    const error = Math.abs(actual[i]! - value);
    assert.ok(error <= allowed, `${what}[${i}]: ${actual[i]} instead of ${value}`);
  });
}
