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
  /** By which it stands in the logs. */
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

/** How a run stands; "failed" is one that an exception has ended. */
export type Status =
  | "running"
  | "pausing"
  | "paused"
  | "stopping"
  | "stopped"
  | "finished"
  | "failed"
  | "earlier";

/** What is known by noise level at a step. */
export interface NoiseColumn {
  /** Batches when it was measured. */
  step: number;
  /** Middles of the bins. */
  t: number[];
  /** Raw loss of each bin. */
  loss: (number | null)[];
  /** Recoverability R of each bin, in [0, 1]. */
  recoverability: (number | null)[];
  /** Weight of the loss in each bin. */
  weight: (number | null)[];
}

/** The filter's gain and signal-to-noise ratio by layer at a step. */
export interface LayerColumn {
  /** Batches when it was measured. */
  step: number;
  /** Of the layers. */
  names: string[];
  /** Mean gain of the filter in each layer, in [0, 1]. */
  gain: (number | null)[];
  /** Mean ratio of signal to noise in each layer. */
  snr: (number | null)[];
}

/** Sample pictures. */
export interface Grid {
  /** Batches when they were made. */
  step: number;
  /** Epochs when they were made; 0 before the first. */
  epoch: number;
  /** How many pictures there are. */
  count: number;
  /** Of each, in pixels. */
  height: number;
  /** Of each, in pixels. */
  width: number;
  /** 1 for grey, 3 for colours. */
  channels: number;
  /** A byte a channel, in base64. */
  pixels: string;
}

/** A training run. */
export interface Run {
  /** By which patches name it. */
  id: string;
  /** What the page calls it. */
  name: string;
  /** How it stands. */
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
  /** Backend, engine, optimizer and settings. */
  facts: [label: string, value: string][];
  /** By the names in the logs; "~" before what is not from them. */
  series: Series[];
  /** What an ERD measured by noise level. */
  noise: Track<NoiseColumn>;
  /** What the filter did by layer. */
  layers: Track<LayerColumn>;
  /** Sample pictures. */
  grids: Track<Grid>;
  /** What the page told about it. */
  notices: { step: number; text: string }[];
}

/** All that a page shows. */
export interface LiveState {
  /** What the data is marked with. */
  format: "signalfit-live-1";
  /** What stands at the top of the page. */
  title: string;
  /** Whether stopping saves a checkpoint. */
  canSave: boolean;
  /** The runs, from the oldest on. */
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
