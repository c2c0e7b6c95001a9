import { xAxis, yAxis } from "./axes.ts";
import { startLevel } from "../schedules/rate_sweep.ts";
import { type Interval, linearScale, logScale } from "./scale.ts";
import { curve, line, type Point, type Rectangle, svg, text } from "./svg.ts";

/** What a sweep over learning rates measured, and the picture of it shows. */
export interface SweepPoints {
  /** The rate of each step. */
  readonly rates: readonly number[];
  /** The loss of each step, before it was made. */
  readonly losses: readonly number[];
  /** The losses, smoothed without lag. */
  readonly smoothed: readonly number[];
  /** The rate at which the loss falls most steeply; null if it never falls. */
  readonly suggestion: number | null;
  /** The middle of the stretch over which the loss falls; null if it never falls. */
  readonly valley: number | null;
  /** A tenth of the rate of the least loss; null if the loss never falls. */
  readonly minimum: number | null;
  /** Whether the sweep ended early because the loss exploded. */
  readonly diverged: boolean;
}

const WIDTH = 760, HEIGHT = 440;
const PLOT: Rectangle = { left: 84, right: WIDTH - 28, top: 84, bottom: HEIGHT - 62 };

/** Loss over learning rate, as measured and smoothed, with the rates that it suggests. */
export function learningRateChart(sweep: SweepPoints): string {
  const { rates, losses, smoothed, diverged } = sweep;
  const title = "Learning rate range test";
  const x = logScale(ends(rates, [1e-7, 10]), [PLOT.left, PLOT.right]);
  const y = linearScale(lossRange(losses), [PLOT.bottom, PLOT.top]);
  const points = (values: readonly number[]): Point[] =>
    values.map((value, i) => [x(rates[i]!), Math.max(-HEIGHT, y(value))]);
  const marks = ([["steepest", 0, sweep.suggestion], ["valley", 1, sweep.valley], [
    "minimum / 10",
    2,
    sweep.minimum,
  ]] as const).filter((mark) => mark[2] !== null) as [string, number, number][];
  return svg({
    width: WIDTH,
    height: HEIGHT,
    title,
    style: {
      both: ".raw{stroke-width:1;opacity:.45}.mark{stroke-width:1.5;stroke-dasharray:5 4}",
    },
    body: [
      text(title, PLOT.left, 30, 'class="title"'),
      text(
        `${rates.length} steps, the thick line smoothed` +
          (diverged ? "; stopped because the loss exploded" : ""),
        PLOT.left,
        50,
        'class="small"',
      ),
      `<clipPath id="plot"><rect x="${PLOT.left}" y="${PLOT.top}" ` +
      `width="${PLOT.right - PLOT.left}" height="${PLOT.bottom - PLOT.top}"/></clipPath>`,
      yAxis(y, PLOT, { label: "loss" }),
      xAxis(x, PLOT, { label: "learning rate" }),
      `<g clip-path="url(#plot)">`,
      curve("raw color-3", points(losses)),
      curve("color-3", points(smoothed)),
      "</g>",
      ...marks.map(([, color, rate]) =>
        line(`mark color-${color}`, [x(rate), PLOT.top], [x(rate), PLOT.bottom])
      ),
      legend(marks),
    ],
  });
}

function legend(marks: readonly [string, number, number][]): string {
  let left = PLOT.left;
  return marks.map(([name, color, rate]) => {
    const words = `${name} ${rate.toPrecision(2)}`;
    const entry = line(`mark color-${color}`, [left, 68], [left + 24, 68]) +
      text(words, left + 31, 68, 'dy=".35em"');
    left += 60 + 7 * words.length;
    return entry;
  }).join("\n");
}

function ends(values: readonly number[], otherwise: Interval): Interval {
  return values.length < 2 ? otherwise : [values[0]!, values.at(-1)!];
}

/** From the least loss to the level of the start; what explodes leaves the picture. */
function lossRange(losses: readonly number[]): Interval {
  if (losses.length === 0) return [0, 1];
  const low = Math.min(...losses), high = startLevel(losses);
  const room = 0.06 * ((high - low) || Math.abs(high) || 1);
  return [low - room, high + room];
}
