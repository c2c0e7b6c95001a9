/** What tells the filter's gain by layer: a monitor of one's own, or any object with this method. */
export interface GainSource {
  /** The present values; nothing changes by asking. */
  report(): GainReport | Promise<GainReport>;
}

/** What a {@linkcode GainSource} gives. */
export interface GainReport {
  /** The layers, as the model has them. */
  readonly layers: readonly LayerGain[];
}

/** The filter in one layer. A value that is not known is NaN. */
export interface LayerGain {
  /** Of the layer or variable. */
  readonly name: string;
  /** Mean gain, in [0, 1]. */
  readonly gain: number;
  /** Mean ratio of signal to noise in the gradient. */
  readonly snr: number;
}
