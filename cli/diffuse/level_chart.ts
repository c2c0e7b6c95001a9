import { xAxis, yAxis } from "@signalfit/tfjs/parts";
import { legend } from "@signalfit/tfjs/parts";
import { linearScale, logScale, type Scale } from "@signalfit/tfjs/parts";
import { escapeText, pixel, text } from "@signalfit/tfjs/parts";

/** A curve over the noise level. */
export interface LevelSeries {
  /** What the legend calls it. */
  readonly name: string;
  readonly points: readonly LevelPoint[];
}

/** A point of a curve. */
export interface LevelPoint {
  /** Noise level, in [0, 1]. */
  readonly t: number;
  readonly value: number;
}

/** What a chart shows. */
export interface LevelChart {
  readonly title: string;
  /** What the values are, in a few words. */
  readonly unit: string;
  readonly series: readonly LevelSeries[];
  /** Whether the axis of the values is logarithmic; values of 0 and below are left out then. */
  readonly isLog: boolean;
  /** Values that the axis holds in any case. */
  readonly holds: readonly number[];
}

const WIDTH = 400;
const HEIGHT = 300;
const PLOT = { left: 72, right: WIDTH - 12, top: 62, bottom: HEIGHT - 54 };

/** Curves over the noise level as an SVG picture; the page's style colours it. */
export function levelChart(chart: LevelChart): string {
  const x = linearScale([0, 1], [PLOT.left, PLOT.right]), y = valueScale(chart);
  const series = chart.series.map(({ name }, i) => ({ name, style: `series-${i}` }));
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(chart.title)}">`,
    text(chart.title, PLOT.left, 18, 'class="title"'),
    legend(series, PLOT.left, 40),
    yAxis(y, PLOT, { label: chart.unit }),
    xAxis(x, PLOT, { label: "noise level t" }),
    ...chart.series.map(({ points }, i) =>
      `<path class="curve series-${i}" d="${path(points, x, y)}"/>`
    ),
    "</svg>",
  ].join("\n");
}

/** Lines between neighbours, broken where a value has no place. */
function path(points: readonly LevelPoint[], x: Scale, y: Scale): string {
  let isOpen = false, drawn = "";
  for (const { t, value } of points) {
    const at = pixel(y(value)), isThere = Number.isFinite(at);
    if (isThere) drawn += `${isOpen ? "L" : "M"}${pixel(x(t))},${at}`;
    isOpen = isThere;
  }
  return drawn;
}

function valueScale({ series, isLog, holds }: LevelChart): Scale {
  const values = series.flatMap(({ points }) => points.map(({ value }) => value))
    .concat(holds).filter((value) => Number.isFinite(value) && (!isLog || value > 0));
  const [low, high] = values.length === 0 ? [0.1, 1] : [Math.min(...values), Math.max(...values)];
  const places = [PLOT.bottom, PLOT.top] as const;
  if (isLog) return logScale([low / 1.15, high * 1.15], places);
  return linearScale([low, high === low ? low + 1 : high], places, 5);
}
