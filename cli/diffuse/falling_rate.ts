import { constantRate, joinSchedules, polynomialDecay, type Schedule } from "@signalfit/tfjs";

/** The learning rate by step: `rate` in the first half of the steps, then in a straight line to 0. */
export function fallingRate(rate: number, steps: number): Schedule {
  const half = Math.ceil(steps / 2);
  const fall = polynomialDecay({ initialRate: rate, decaySteps: half, endRate: 0 });
  return joinSchedules([constantRate(rate), fall], [half]);
}
