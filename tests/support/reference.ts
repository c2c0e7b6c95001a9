/** Trajectories of other implementations, made by tests/golden/reference/make.py. */
export interface Reference {
  readonly optimizer: ReferenceName;
  /** Whose numbers these are. */
  readonly source: string;
  readonly initial: readonly number[];
  /** By step. */
  readonly gradients: readonly (readonly number[])[];
  readonly traces: readonly ReferenceTrace[];
}

export interface ReferenceTrace {
  /** Options by the names that the optimizer has for them. */
  readonly options: ReferenceOptions;
  /** By step. */
  readonly parameters: readonly (readonly number[])[];
  /** The state after the last step, by the names that the reference has for it. */
  readonly state: Readonly<Record<string, readonly number[]>>;
}

export interface ReferenceOptions {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly decoupledWeightDecay?: boolean;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly momentumDecay?: number;
  readonly alpha?: number;
  readonly momentum?: number;
  readonly centered?: boolean;
}

export type ReferenceName = "nadam" | "radam" | "adabelief" | "rmsprop" | "lion";

const directory = new URL("../golden/reference/", import.meta.url);

/** All of them. */
export const references: readonly Reference[] = [...Deno.readDirSync(directory)]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".json"))
  .sort()
  .map((name) => JSON.parse(Deno.readTextFileSync(new URL(name, directory))));
