/** Share of the steps in which the learning rate falls. */
const FALL = 0.5;
/** Steps in which it rises, at most a tenth of all. */
const RISE = 100;

/**
 * The factor of the learning rate at a step, counted from 0: it rises linearly, stays at 1, and falls
 * in the last half of the steps along a quarter of a cosine, to a fiftieth.
 */
export function rateFactor(step: number, steps: number): number {
  const rise = Math.min(1, (step + 1) / Math.min(RISE, Math.ceil(steps / 10)));
  const fallen = Math.max(0, 1 - (steps - step) / (FALL * steps));
  return rise * Math.max(0.02, Math.cos(Math.PI / 2 * fallen));
}
