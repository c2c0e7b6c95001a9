import { normal } from "./random.ts";

const scaled = (scale: number) => (noise: number) => noise * scale;

/** Kinds of gradients, each a function of a standard normal number. */
export const GRADIENTS = {
  normal: scaled(1),
  zero: scaled(0),
  "huge 1e18": scaled(1e18),
  "huge 1e20": scaled(1e20),
  "tiny 1e-20": scaled(1e-20),
  denormal: scaled(1e-41),
} as const;

/** Name of a kind of gradients. */
export type GradientKind = keyof typeof GRADIENTS | "mixed";

/** A gradient of a kind, rounded to float32; "mixed" takes turns through all kinds. */
export function gradientOf(kind: GradientKind, size: number, seed: number): Float32Array {
  const next = normal(seed);
  const all = Object.values(GRADIENTS);
  return Float32Array.from({ length: size }, (_, i) => {
    const scale = kind === "mixed" ? all[i % all.length]! : GRADIENTS[kind];
    return scale(next());
  });
}
