import { type Digits, halfSized, SIDE } from "./data.ts";

/** What a diffusion model learns to make. */
export interface DiffusionData {
  /** Numbers of a sample. */
  readonly size: number;
  readonly count: number;
  /** Samples, a row each. */
  readonly values: Float32Array;
  /** Units of the denoiser's hidden layers. */
  readonly hidden: readonly number[];
  /** By how much learning may be faster than with digits. */
  readonly pace: number;
  readonly batchSize: number;
  /** How many samples are drawn, and every so many steps. */
  readonly samples: number;
  readonly sampleEvery: number;
  /** The range of the data, if it has one. */
  readonly clip: readonly [number, number] | null;
}

/** Points near a circle of radius 1. */
export function ring(): DiffusionData {
  const count = 2048;
  const values = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const angle = 2 * Math.PI * i / count;
    // Spread evenly over the width of the ring, in an order that has nothing to do with the angle.
    const radius = 1 + 0.12 * ((i * 0.618034) % 1 - 0.5);
    values.set([radius * Math.cos(angle), radius * Math.sin(angle)], 2 * i);
  }
  return {
    size: 2,
    count,
    values,
    hidden: [64, 64, 64],
    pace: 5,
    batchSize: 128,
    samples: 400,
    sampleEvery: 40,
    clip: null,
  };
}

/** Digits of 14 x 14. */
export function smallDigits(digits: Digits): DiffusionData {
  return {
    size: (SIDE / 2) ** 2,
    count: digits.count,
    values: halfSized(digits),
    hidden: [256, 256],
    pace: 1,
    batchSize: 128,
    samples: 36,
    sampleEvery: 40,
    clip: [-1, 1],
  };
}
