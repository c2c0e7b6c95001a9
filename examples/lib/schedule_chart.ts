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
  stepDecay,
} from "@signalfit/tfjs";
import { panel } from "../../src/charts/panel.ts";
import { svg, text } from "../../src/charts/svg.ts";

/** Steps that are drawn, and the highest rate. */
const STEPS = 1000, RATE = 0.1;
const COLUMNS = 3, WIDTH = 990, PLOT = { width: 244, height: 130 };
const FIRST = { left: 62, top: 106 }, NEXT = { x: 318, y: 218 };

const cosine = cosineDecay({ initialRate: RATE, decaySteps: 700 });

/** Schedules that differ by an option stand in one panel. */
const PANELS: readonly (readonly [name: string, Readonly<Record<string, Schedule>>])[] = [
  ["stepDecay, multiStep", {
    "gamma: 0.5": stepDecay({ initialRate: RATE, stepSize: 250, gamma: 0.5 }),
    "milestones": multiStep({ initialRate: RATE, milestones: [400, 800] }),
  }],
  ["exponentialDecay", {
    "smooth": exponentialDecay({
      initialRate: RATE,
      decaySteps: 200,
      decayRate: 0.6,
    }),
    "staircase": exponentialDecay({
      initialRate: RATE,
      decaySteps: 200,
      decayRate: 0.6,
      staircase: true,
    }),
  }],
  ["polynomialDecay", {
    "power: 2": polynomialDecay({ initialRate: RATE, decaySteps: 800, power: 2 }),
    "power: 1, cycle": polynomialDecay({ initialRate: RATE, decaySteps: 300, cycle: true }),
  }],
  ["cosineDecay", {
    "alpha: 0.1": cosineDecay({ initialRate: RATE, decaySteps: 800, alpha: 0.1 }),
    "warm-up": cosineDecay({
      initialRate: 0,
      warmupTarget: RATE,
      warmupSteps: 200,
      decaySteps: 800,
    }),
  }],
  ["cosineRestarts", {
    "tMul: 2": cosineRestarts({ initialRate: RATE, firstDecaySteps: 150 }),
    "tMul: 1, mMul: 0.6": cosineRestarts({
      initialRate: RATE,
      firstDecaySteps: 250,
      tMul: 1,
      mMul: 0.6,
    }),
  }],
  ["linearWarmup, cosineWarmup", {
    "cosineDecay": linearWarmup(cosine, 300),
    "constantRate": cosineWarmup(constantRate(0.8 * RATE), 300, 0.2 * RATE),
  }],
  ["oneCycle", {
    "cos": oneCycle({ maxRate: RATE, totalSteps: STEPS }),
    "linear": oneCycle({ maxRate: RATE, totalSteps: STEPS, anneal: "linear" }),
    "threePhase": oneCycle({
      maxRate: RATE,
      totalSteps: STEPS,
      divFactor: 5,
      anneal: "linear",
      threePhase: true,
    }),
  }],
  ["inverseSquareRoot", {
    "as usual": inverseSquareRoot({ peakRate: RATE, warmupSteps: 100 }),
    "timescale: 400": inverseSquareRoot({ peakRate: RATE, warmupSteps: 100, timescale: 400 }),
  }],
  ["join", {
    "warm-up, constant, cosine": joinSchedules([
      linearWarmup(constantRate(RATE), 150),
      cosineDecay({ initialRate: RATE, decaySteps: 400 }),
    ], [600]),
  }],
];

/** All schedules as one SVG picture. */
export function scheduleChart(): string {
  const title = "Learning rate schedules";
  const rows = Math.ceil(PANELS.length / COLUMNS);
  return svg({
    width: WIDTH,
    height: FIRST.top + NEXT.y * (rows - 1) + PLOT.height + 60,
    title,
    style: {
      both: "text{font-size:12px}.head{font-size:14px;font-weight:600}.curve{stroke-width:1.8}",
      light: ".head{fill:#222}",
      dark: ".head{fill:#e6e6e6}",
    },
    body: [
      text(title, FIRST.left, 32, 'class="title"'),
      ...PANELS.map(([name, schedules], i) => {
        const left = FIRST.left + NEXT.x * (i % COLUMNS);
        const top = FIRST.top + NEXT.y * Math.floor(i / COLUMNS);
        return panel({
          title: name,
          xLabel: i >= PANELS.length - COLUMNS ? "step" : "",
          yLabel: "",
          x: [0, STEPS],
          y: "from zero",
          curves: Object.entries(schedules).map(([name, schedule], color) => ({
            name,
            style: `color-${color}`,
            points: curveOf(schedule),
            isPlain: true,
          })),
        }, { left, right: left + PLOT.width, top, bottom: top + PLOT.height });
      }),
    ],
  });
}

/** A point every ten steps, and both ends of a jump. */
function curveOf(schedule: Schedule): [step: number, rate: number][] {
  const points: [number, number][] = [];
  for (let step = 0; step < STEPS; step++) {
    const rate = schedule(step), last = step === 0 ? rate : schedule(step - 1);
    const jumps = Math.abs(rate - last) > 0.03 * RATE;
    if (jumps) points.push([step, last]);
    if (jumps || step % 10 === 0 || step === STEPS - 1) points.push([step, rate]);
  }
  return points;
}
