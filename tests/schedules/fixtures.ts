import {
  constantRate,
  cosineDecay,
  cosineRestarts,
  cosineWarmup,
  exponentialDecay,
  inverseSquareRoot,
  joinSchedules,
  linearWarmup,
  multiStep,
  oneCycle,
  polynomialDecay,
  type Schedule,
  type ScheduleKind,
  stepDecay,
} from "@signalfit/tfjs";

const decay = cosineDecay({ initialRate: 0.4, decaySteps: 30, alpha: 0.25 });

/** A schedule of each kind, no option at its default. */
export const SCHEDULES: Readonly<Record<ScheduleKind, Schedule>> = {
  "constant": constantRate(0.3),
  "step": stepDecay({ initialRate: 0.4, stepSize: 7, gamma: 0.5 }),
  "multi-step": multiStep({ initialRate: 0.4, milestones: [3, 20], gamma: 0.5 }),
  "exponential": exponentialDecay({
    initialRate: 0.4,
    decaySteps: 9,
    decayRate: 0.7,
    staircase: true,
  }),
  "polynomial": polynomialDecay({
    initialRate: 0.4,
    decaySteps: 11,
    endRate: 0.01,
    power: 2,
    cycle: true,
  }),
  "cosine": cosineDecay({
    initialRate: 0.01,
    decaySteps: 21,
    alpha: 0.1,
    warmupTarget: 0.4,
    warmupSteps: 6,
  }),
  "cosine-restarts": cosineRestarts({
    initialRate: 0.4,
    firstDecaySteps: 5,
    tMul: 1.5,
    mMul: 0.8,
    alpha: 0.1,
  }),
  "linear-warmup": linearWarmup(decay, 8, 0.02),
  "cosine-warmup": cosineWarmup(linearWarmup(decay, 4, 0.5), 8, 0.02),
  "one-cycle": oneCycle({
    maxRate: 0.4,
    totalSteps: 33,
    pctStart: 0.4,
    divFactor: 10,
    finalDivFactor: 50,
    anneal: "linear",
    threePhase: true,
  }),
  "inverse-square-root": inverseSquareRoot({
    peakRate: 0.4,
    warmupSteps: 6,
    initialRate: 0.02,
    timescale: 12,
  }),
  "join": joinSchedules([
    constantRate(0.1),
    linearWarmup(decay, 3, 0.2),
    joinSchedules([decay, decay], [4]),
  ], [
    5,
    18,
  ]),
};
