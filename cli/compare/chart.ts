import { xAxis, yAxis } from "@signalfit/tfjs/parts";
import { legendRows, panel, type PanelCurve } from "@signalfit/tfjs/parts";
import { linearScale, logScale } from "@signalfit/tfjs/parts";
import { COLORS, curve, line, type Point, type Rectangle, svg, text } from "@signalfit/tfjs/parts";
import { short } from "../train/score.ts";
import type { Finished, Summary } from "./summary.ts";

const WIDTH = 1120, MARGIN = 84, PLOT_HEIGHT = 290;
/** From the title to the first row of the legend, from row to row, and from the last to the plots. */
const LEGEND = { top: 72, row: 20, below: 62 };
/** Columns for the names of optimizers, where each has one rate. */
const NAMES = 150;

/** What the picture shows. */
export interface CompareChart {
  readonly title: string;
  /** A line in small print under the title. */
  readonly subtitle: string;
  readonly summaries: readonly Summary[];
  readonly finished: readonly Finished[];
  /** Whether a share of right answers is compared; else the root mean squared error. */
  readonly isClasses: boolean;
  /** Steps after which epochs end, where all runs have them in common. */
  readonly epochEnds?: readonly number[];
}

/**
 * Two plots as an SVG picture: the grade over the learning rate with standard errors, or by optimizer
 * where each has one rate; and the training loss of each optimizer at its best rate, the mean over the
 * seeds.
 */
export function compareChart(chart: CompareChart): string {
  const { title, subtitle, summaries } = chart;
  const labels = [...new Set(summaries.map(({ contestant }) => contestant.label))];
  const style = stylesOf(summaries);
  const entries = labels.map((label) => {
    const own = summaries.filter(({ contestant }) => contestant.label === label);
    const isLost = own.every(({ test }) => test === null);
    return { name: isLost ? `${label} (diverged)` : label, style: style(label) };
  });
  const rows = legendRows(entries, MARGIN, WIDTH - 28, LEGEND.top, LEGEND.row);
  const top = LEGEND.top + LEGEND.row * (rows.length - 1) + LEGEND.below;
  const bottom = top + PLOT_HEIGHT;
  const left = { left: MARGIN, right: 520, top, bottom };
  const right = { left: 640, right: WIDTH - 28, top, bottom };
  const isSweep = labels.some((label) =>
    summaries.filter(({ contestant }) => contestant.label === label).length > 1
  );
  return svg({
    width: WIDTH,
    height: bottom + 62,
    title,
    description: `${subtitle}. ${inWords(chart)}`,
    style: {
      both: ".head{font-weight:600}.dash-1{stroke-dasharray:7 3}.dash-2{stroke-dasharray:2 3}" +
        ".dash-3{stroke-dasharray:9 3 2 3}.bar{stroke-width:1.4}.epoch{stroke-dasharray:2 3}" +
        COLORS.map((_, i) => `.dot.color-${i}{stroke-width:0}`).join(""),
      light: ".epoch{stroke:#c8c8c8}",
      dark: ".epoch{stroke:#4a505a}",
    },
    body: [
      text(title, MARGIN, 28, 'class="title"'),
      text(subtitle, MARGIN, 48, 'class="small"'),
      ...rows,
      isSweep ? gradesByRate(chart, labels, style, left) : gradesByName(chart, style, left),
      losses(chart, labels, style, right),
    ],
  });
}

type StyleOf = (label: string) => string;

/** A color for each optimizer, and dashes for the second and further models of it. */
function stylesOf(summaries: readonly Summary[]): StyleOf {
  const all = summaries.map(({ contestant }) => contestant);
  const variants = [...new Set(all.map(({ variant }) => variant))];
  return (label) => {
    const variant = all.find((each) => each.label === label)!.variant;
    const models = [
      ...new Set(all.filter((each) => each.variant === variant).map((each) => each.label)),
    ];
    const index = variants.indexOf(variant);
    const dash = Math.floor(index / COLORS.length) + models.indexOf(label);
    return `color-${index % COLORS.length} dash-${dash % 4}`;
  };
}

/** A grade, in percent where it is a share. */
interface Grade {
  readonly label: string;
  readonly rate: number;
  readonly mean: number;
  readonly error: number;
}

function gradesOf({ summaries, isClasses }: CompareChart): Grade[] {
  const scale = isClasses ? 100 : 1;
  return summaries.flatMap(({ contestant, test }) =>
    test === null ? [] : [{
      label: contestant.label,
      rate: contestant.learningRate,
      mean: scale * test.mean,
      error: scale * (test.error ?? 0),
    }]
  );
}

const gradeName = ({ isClasses }: CompareChart): string =>
  isClasses ? "test accuracy, %" : "test RMSE";

/** From the least to the greatest with their errors, and a little more. */
function rangeOf(grades: readonly Grade[]): [number, number] {
  const ends = grades.flatMap(({ mean, error }) => [mean - error, mean + error]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = 0.08 * ((high - low) || Math.abs(high) || 1);
  return [low - room, high + room];
}

const head = (title: string, { left, top }: Rectangle): string =>
  text(title, left, top - 34, 'class="head"');

const dot = (style: string, [x, y]: Point): string =>
  `<circle class="dot ${style.replace(/color-(\d+)/, "$& fill-$1")}" cx="${x.toFixed(1)}" cy="${
    y.toFixed(1)
  }" r="3.4"/>`;

function gradesByRate(
  chart: CompareChart,
  labels: readonly string[],
  style: StyleOf,
  plot: Rectangle,
): string {
  const grades = gradesOf(chart), label = gradeName(chart);
  const title = head(`${label.replace(", %", "")} by learning rate`, plot);
  if (grades.length === 0) return title;
  const rates = grades.map(({ rate }) => rate);
  const x = logScale([Math.min(...rates) / 1.6, Math.max(...rates) * 1.6], [plot.left, plot.right]);
  const y = linearScale(rangeOf(grades), [plot.bottom, plot.top]);
  return [
    title,
    yAxis(y, plot, { label }),
    xAxis(x, plot, { label: "learning rate" }),
    ...labels.map((name) => {
      const own = grades.filter((grade) => grade.label === name).toSorted((a, b) =>
        a.rate - b.rate
      );
      const places = own.map(({ rate, mean }): Point => [x(rate), y(mean)]);
      return curve(style(name), places) + own.map(({ rate, mean, error }, i) => {
        const bar = error === 0
          ? ""
          : line(`bar ${style(name)}`, [x(rate), y(mean - error)], [x(rate), y(mean + error)]);
        return bar + dot(style(name), places[i]!);
      }).join("");
    }),
  ].join("\n");
}

/** A row for each optimizer, the best first. */
function gradesByName(chart: CompareChart, style: StyleOf, plot: Rectangle): string {
  const sign = chart.isClasses ? -1 : 1;
  const grades = gradesOf(chart).toSorted((a, b) => sign * (a.mean - b.mean));
  const label = gradeName(chart), title = head(label, plot);
  if (grades.length === 0) return title;
  const inner = { ...plot, left: plot.left + NAMES };
  const x = linearScale(rangeOf(grades), [inner.left, inner.right], 5);
  const rowHeight = (plot.bottom - plot.top) / grades.length;
  return [
    title,
    xAxis(x, inner, { label }),
    ...grades.map(({ label: name, rate, mean, error }, i) => {
      const at = plot.top + rowHeight * (i + 0.5), color = style(name);
      const shown = `${shortened(name)} at ${short(rate)}`;
      return [
        text(shown, inner.left - 12, at, 'class="small" dy=".35em" text-anchor="end"'),
        line("grid", [inner.left, at], [inner.right, at]),
        error === 0 ? "" : line(`bar ${color}`, [x(mean - error), at], [x(mean + error), at]),
        dot(color, [x(mean), at]),
        text(
          mean.toFixed(chart.isClasses ? 2 : 4),
          x(mean),
          at - 9,
          'class="small" text-anchor="middle"',
        ),
      ].join("");
    }),
  ].join("\n");
}

const shortened = (name: string): string => name.length > 20 ? `${name.slice(0, 19)}…` : name;

function losses(
  { summaries, finished, epochEnds = [] }: CompareChart,
  labels: readonly string[],
  style: StyleOf,
  plot: Rectangle,
): string {
  const curves = labels.flatMap((label): PanelCurve[] => {
    const best = summaries.find((each) => each.isBestRate && each.contestant.label === label);
    const runs = finished.filter(({ contestant }) => contestant === best?.contestant);
    const first = runs[0]?.outcome.curve ?? [];
    const points = first.map(([step], i) => {
      const at = runs.map(({ outcome }) => outcome.curve[i]?.[1]);
      const there = at.filter((loss) => loss !== undefined);
      return [step, there.reduce((sum, loss) => sum + loss, 0) / there.length] as const;
    });
    return points.length === 0 ? [] : [{ style: style(label), points, isPlain: true }];
  });
  const last = Math.max(2, ...curves.flatMap(({ points }) => points.map(([step]) => step)));
  const x = linearScale([1, last], [plot.left, plot.right]);
  return [
    ...epochEnds.filter((step) => step < last).map((step, i) =>
      line("epoch", [x(step), plot.top], [x(step), plot.bottom]) +
      text(`epoch ${i + 1}`, x(step), plot.top - 6, 'class="small" text-anchor="middle"')
    ),
    panel({
      title: "training loss, each at its best rate",
      xLabel: "training step",
      yLabel: "training loss",
      x: [1, last],
      y: "logarithmic",
      curves,
    }, plot),
  ].join("\n");
}

/** For those who do not see the picture. */
function inWords(chart: CompareChart): string {
  const best = chart.summaries.find(({ isBest }) => isBest);
  if (best === undefined) return "Every run diverged.";
  const [grade] = gradesOf({ ...chart, summaries: [best] });
  return `Best: ${best.contestant.label} at ${short(best.contestant.learningRate)}, ${
    gradeName(chart)
  } ${short(grade!.mean)}.`;
}
