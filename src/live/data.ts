/** Points that are being collected into one. */
export interface Bucket {
  /** Step of the last one. */
  x: number;
  /** How many there are. */
  count: number;
  /** Sum of the finite values. */
  sum: number;
  /** How many are finite. */
  finite: number;
  /** The least one. */
  low: number | null;
  /** The greatest one. */
  high: number | null;
}

/** A bounded series of numbers over training steps. A value that is not finite is null. */
export interface Series {
  name: string;
  /** How many points one of these stands for. */
  stride: number;
  /** Step of the last point in each. */
  x: number[];
  /** Mean of each. */
  y: (number | null)[];
  /** Least of each; empty while the stride is 1. */
  low: (number | null)[];
  /** Greatest of each; empty while the stride is 1. */
  high: (number | null)[];
  /** What is being collected. */
  rest: Bucket | null;
}

/** A bounded list of things that come one after the other. */
export interface Track<Item> {
  /** Of so many items one is kept. */
  stride: number;
  /** How many there were. */
  seen: number;
  /** Those kept. */
  items: Item[];
  /** The last one, if it is not among those kept. */
  latest: Item | null;
}

/** How a run stands. */
export type Status =
  | "running"
  | "pausing"
  | "paused"
  | "stopping"
  | "stopped"
  | "finished"
  | "earlier";

/** What is known by noise level at a step. */
export interface NoiseColumn {
  step: number;
  /** Middles of the bins. */
  t: number[];
  loss: (number | null)[];
  recoverability: (number | null)[];
  weight: (number | null)[];
}

/** The filter's gain and signal-to-noise ratio by layer at a step. */
export interface LayerColumn {
  step: number;
  names: string[];
  gain: (number | null)[];
  snr: (number | null)[];
}

/** Sample pictures. */
export interface Grid {
  step: number;
  epoch: number;
  count: number;
  height: number;
  width: number;
  /** 1 or 3. */
  channels: number;
  /** A byte a channel, in base64. */
  pixels: string;
}

/** A training run. */
export interface Run {
  id: string;
  name: string;
  status: Status;
  /** Milliseconds since 1970. */
  started: number;
  /** Seconds of training, pauses left out. */
  elapsed: number;
  /** Batches so far. */
  step: number;
  /** Epochs begun. */
  epoch: number;
  /** Epochs in all. */
  epochs: number | null;
  /** Batches in an epoch. */
  batches: number | null;
  facts: [label: string, value: string][];
  /** By the names in the logs; "~" before what is not from them. */
  series: Series[];
  noise: Track<NoiseColumn>;
  layers: Track<LayerColumn>;
  grids: Track<Grid>;
  notices: { step: number; text: string }[];
}

/** All that a page shows. */
export interface LiveState {
  format: "signalfit-live-1";
  title: string;
  /** Whether stopping saves a checkpoint. */
  canSave: boolean;
  runs: Run[];
}

/** A change of one run; what is not named stays. `begin` makes the run. */
export interface Patch {
  run: string;
  begin?: { name: string; started: number };
  status?: Status;
  elapsed?: number;
  step?: number;
  epoch?: number;
  epochs?: number | null;
  batches?: number | null;
  facts?: [label: string, value: string][];
  points?: [name: string, x: number[], y: (number | null)[]][];
  noise?: NoiseColumn;
  layers?: LayerColumn;
  grid?: Grid;
  notice?: { step: number; text: string };
}
