/** The step size that an optimizer of tfjs or of this library would take now, if it tells one. */
export function presentRate(optimizer: unknown): number | undefined {
  const rate = (optimizer as { learningRate?: unknown } | null | undefined)?.learningRate;
  return typeof rate === "number" ? rate : undefined;
}
