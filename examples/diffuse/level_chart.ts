// @ts-types="@types/d3-scale"
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3-scale";
// @ts-types="@types/d3-shape"
import { line } from "d3-shape";
import { escapeText as escape } from "../../src/charts/svg.ts";

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
  /** Whether the axis of the values is logarithmic: all must be above 0 then. */
  readonly isLog: boolean;
  /** Values that the axis holds in any case. */
  readonly holds: readonly number[];
}

type Scale = ScaleContinuousNumeric<number, number>;

const WIDTH = 400;
const HEIGHT = 290;
const PLOT = { left: 64, right: WIDTH - 12, top: 62, bottom: HEIGHT - 44 };

/** Curves over the noise level as an SVG picture; the page's style colours it. */
export function levelChart(chart: LevelChart): string {
  const x = scaleLinear([0, 1], [PLOT.left, PLOT.right]);
  const y = valueScale(chart);
  const title = escape(chart.title);
  const curves = chart.series.map(({ points }, index) => {
    const draw = line<LevelPoint>(({ t }) => x(t), ({ value }) => y(value)).digits(1)
      .defined(({ value }) => Number.isFinite(y(value)));
    return `<path class="curve series-${index}" d="${draw(points) ?? ""}"/>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<text class="title" x="${PLOT.left}" y="18">${title}</text>
${legend(chart.series)}
${valueAxis(y, chart)}
${levelAxis(x)}
${curves.join("\n")}
</svg>`;
}

function valueScale({ series, isLog, holds }: LevelChart): Scale {
  const values = series.flatMap(({ points }) => points.map(({ value }) => value))
    .concat(holds).filter((value) => Number.isFinite(value) && (!isLog || value > 0));
  const [low, high] = values.length === 0 ? [0.1, 1] : [Math.min(...values), Math.max(...values)];
  const range = [PLOT.bottom, PLOT.top];
  if (isLog) return scaleLog([low / 1.15, high * 1.15], range);
  return scaleLinear([low, high === low ? low + 1 : high], range).nice(5);
}

function valueAxis(y: Scale, { unit, isLog }: LevelChart): string {
  const middle = (PLOT.top + PLOT.bottom) / 2;
  const [low = 0, high = 0] = y.domain();
  const ticks = isLog ? logTicks(low, high) : y.ticks(5);
  const lines = ticks.map((tick) => {
    const at = round(y(tick));
    return `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}"/>` +
      `<text x="${PLOT.left - 6}" y="${at}" dy=".35em" text-anchor="end">${tick}</text>`;
  });
  return lines.join("\n") +
    `<text transform="translate(12 ${middle}) rotate(-90)" text-anchor="middle">` +
    `${escape(unit)}</text>`;
}

/** The numbers 1, 2 and 5 times a power of ten from `low` to `high`, or the powers if those are many. */
function logTicks(low: number, high: number): number[] {
  const ticks: { digit: number; value: number }[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const digit of [1, 2, 5]) ticks.push({ digit, value: Number(`${digit}e${power}`) });
  }
  const inside = ticks.filter(({ value }) => value >= low && value <= high);
  return inside.filter(({ digit }) => inside.length <= 7 || digit === 1).map(({ value }) => value);
}

function levelAxis(x: Scale): string {
  const { left, right, bottom } = PLOT;
  const ticks = x.ticks(5).map((tick) => {
    const at = round(x(tick));
    return `<line class="axis" x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 4}"/>` +
      `<text x="${at}" y="${bottom + 17}" text-anchor="middle">${tick}</text>`;
  });
  return `<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>` +
    ticks.join("\n") + `<text x="${(left + right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">` +
    `noise level t</text>`;
}

/** The legend, a row above the plot. */
function legend(series: readonly LevelSeries[]): string {
  let left = PLOT.left;
  const at = 40;
  return series.map(({ name }, index) => {
    const entry = `<line class="curve series-${index}" x1="${left}" x2="${left + 22}" ` +
      `y1="${at}" y2="${at}"/>` +
      `<text x="${left + 28}" y="${at}" dy=".35em">${escape(name)}</text>`;
    left += 44 + 7 * name.length;
    return entry;
  }).join("\n");
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
