// @ts-types="@types/d3-scale"
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3-scale";
// @ts-types="@types/d3-shape"
import { line } from "d3-shape";
import { type Point, runningMean, thinned } from "./smoothing.ts";

/** One curve. */
export interface LossSeries {
  /** What the legend calls it. */
  readonly name: string;
  /** Loss of each batch. */
  readonly losses: readonly number[];
  /** Whether the line is dashed. */
  readonly isDashed: boolean;
}

/** What the chart shows. */
export interface LossChart {
  readonly title: string;
  /** A line in small print under the title. */
  readonly subtitle: string;
  readonly series: readonly LossSeries[];
  /** Steps in an epoch, for the marks at their ends. */
  readonly stepsPerEpoch: number;
}

interface Curve extends LossSeries {
  readonly points: readonly Point[];
}

type Scale = ScaleContinuousNumeric<number, number>;

const WIDTH = 840;
const HEIGHT = 500;
const PLOT = { left: 76, right: WIDTH - 28, top: 118, bottom: HEIGHT - 62 };
/** Share of the steps that the running mean looks back on, at least 10. */
const SMOOTHING = 1 / 60;
const POINTS_PER_CURVE = 300;
const MOST_EPOCHS_MARKED = 12;

/** Colours of the curves on a light and on a dark ground, told apart by the colour-blind too. */
const COLORS = [
  { light: "#0067a8", dark: "#5eb8ff" },
  { light: "#c2410c", dark: "#ff9a5c" },
  { light: "#00785a", dark: "#3fd0a4" },
  { light: "#8a3f93", dark: "#e39aec" },
] as const;

/** The loss over the steps of training as an SVG picture: one smoothed curve a series, log scale. */
export function lossChart(chart: LossChart): string {
  const steps = Math.max(2, ...chart.series.map(({ losses }) => losses.length));
  const window = Math.max(10, SMOOTHING * steps);
  const curves = chart.series.map((series) => ({
    ...series,
    points: thinned(
      runningMean(series.losses, window).filter(({ value }) => value > 0),
      POINTS_PER_CURVE,
    ),
  }));
  const x = scaleLinear([1, steps], [PLOT.left, PLOT.right]);
  const y = scaleLog(lossRange(curves), [PLOT.bottom, PLOT.top]);
  const title = escape(chart.title);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
    `width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title">
<title id="title">${title}</title>
<style>${style(curves)}</style>
<rect class="ground" width="${WIDTH}" height="${HEIGHT}"/>
<text class="title" x="${PLOT.left}" y="32">${title}</text>
<text class="small" x="${PLOT.left}" y="54">${escape(chart.subtitle)}</text>
${yAxis(y)}
${xAxis(x, steps, chart.stepsPerEpoch)}
${curves.map((curve, index) => path(curve, index, x, y)).join("\n")}
${legend(curves)}
</svg>
`;
}

function style(curves: readonly Curve[]): string {
  const colors = (ground: "light" | "dark") =>
    curves.map((_, index) => `.curve-${index}{stroke:${COLORS[index % COLORS.length]![ground]}}`)
      .join("");
  return `
text{font-family:system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:13px;fill:#333}
.title{font-size:18px;font-weight:600;fill:#111}
.small{font-size:12px;fill:#666}
.ground{fill:#fff}
.grid{stroke:#e4e4e4}
.epoch{stroke:#c8c8c8;stroke-dasharray:2 3}
.axis{stroke:#888}
.curve{fill:none;stroke-width:2;stroke-linejoin:round}
.dashed{stroke-dasharray:6 3}
${colors("light")}
@media (prefers-color-scheme:dark){
text{fill:#ccc}.title{fill:#f4f4f4}.small{fill:#999}.ground{fill:#16181c}
.grid{stroke:#2b2f36}.epoch{stroke:#4a505a}.axis{stroke:#7b828d}
${colors("dark")}
}`;
}

/** From the least to the greatest loss drawn, and a little more. */
function lossRange(curves: readonly Curve[]): [number, number] {
  const values = curves.flatMap(({ points }) => points.map(({ value }) => value));
  if (values.length === 0) return [0.1, 1];
  return [Math.min(...values) / 1.15, Math.max(...values) * 1.15];
}

/** The numbers 1, 2 and 5 times a power of ten, from `low` to `high`. */
function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const digit of [1, 2, 5]) {
      const tick = Number(`${digit}e${power}`);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

function yAxis(y: Scale): string {
  const [low = 0, high = 0] = y.domain();
  const all = logTicks(low, high);
  const ticks = all.length > 10 ? all.filter((tick) => /^[\D0]*1/.test(String(tick))) : all;
  const middle = (PLOT.top + PLOT.bottom) / 2;
  const lines = ticks.map((tick) => {
    const at = round(y(tick));
    return `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}"/>` +
      `<text x="${PLOT.left - 10}" y="${at}" dy=".35em" text-anchor="end">${tick}</text>`;
  });
  lines.push(
    `<text transform="translate(22 ${middle}) rotate(-90)" text-anchor="middle">` +
      `training loss, running mean</text>`,
  );
  return lines.join("\n");
}

function xAxis(x: Scale, steps: number, stepsPerEpoch: number): string {
  const { left, right, top, bottom } = PLOT;
  const lines: string[] = [];
  const every = Math.ceil(steps / stepsPerEpoch / MOST_EPOCHS_MARKED);
  for (let epoch = every; epoch * stepsPerEpoch < steps; epoch += every) {
    const at = round(x(epoch * stepsPerEpoch));
    lines.push(
      `<line class="epoch" x1="${at}" x2="${at}" y1="${top}" y2="${bottom}"/>` +
        `<text class="small" x="${at}" y="${top - 6}" text-anchor="middle">` +
        `${epoch} epoch${epoch === 1 ? "" : "s"}</text>`,
    );
  }
  lines.push(`<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>`);
  for (const tick of x.ticks(8).filter(Number.isInteger)) {
    const at = round(x(tick));
    lines.push(
      `<line class="axis" x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 5}"/>` +
        `<text x="${at}" y="${bottom + 20}" text-anchor="middle">${tick}</text>`,
    );
  }
  lines.push(
    `<text x="${(left + right) / 2}" y="${bottom + 46}" text-anchor="middle">training step</text>`,
  );
  return lines.join("\n");
}

function path({ points, isDashed }: Curve, index: number, x: Scale, y: Scale): string {
  const draw = line<Point>(({ step }) => x(step), ({ value }) => y(value)).digits(1);
  return `<path class="curve curve-${index}${isDashed ? " dashed" : ""}" d="${
    draw(points) ?? ""
  }"/>`;
}

/** The legend, a row above the plot. */
function legend(curves: readonly Curve[]): string {
  const at = PLOT.top - 38;
  let left = PLOT.left;
  const entries = curves.map(({ name, isDashed }, index) => {
    const entry = `<line class="curve curve-${index}${isDashed ? " dashed" : ""}" ` +
      `x1="${left}" x2="${left + 30}" y1="${at}" y2="${at}"/>` +
      `<text x="${left + 38}" y="${at}" dy=".35em">${escape(name)}</text>`;
    left += 62 + 8 * name.length;
    return entry;
  });
  return entries.join("\n");
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
