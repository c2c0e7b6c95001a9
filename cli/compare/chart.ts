import { xAxis, yAxis } from "../../src/charts/axes.ts";
import { legend, panel, type PanelCurve } from "../../src/charts/panel.ts";
import { linearScale, logScale } from "../../src/charts/scale.ts";
import {
  COLORS,
  curve,
  line,
  type Point,
  type Rectangle,
  svg,
  text,
} from "../../src/charts/svg.ts";
import type { Finished, Summary } from "./summary.ts";

const WIDTH = 1120, HEIGHT = 470;
const LEFT: Rectangle = { left: 84, right: 520, top: 118, bottom: HEIGHT - 62 };
const RIGHT: Rectangle = { left: 640, right: WIDTH - 28, top: 118, bottom: HEIGHT - 62 };

/** What the picture shows. */
export interface CompareChart {
  readonly title: string;
  /** A line in small print under the title. */
  readonly subtitle: string;
  readonly summaries: readonly Summary[];
  readonly finished: readonly Finished[];
  /** Whether a share of right answers is compared; else the root mean squared error. */
  readonly isClasses: boolean;
}

/**
 * Two plots as an SVG picture: the grade over the learning rate with standard errors, and the training
 * loss of each optimizer at its best rate, the mean over the seeds.
 */
export function compareChart(chart: CompareChart): string {
  const { title, subtitle, summaries } = chart;
  const labels = [...new Set(summaries.map(({ contestant }) => contestant.label))];
  const style = (label: string): string => {
    const index = labels.indexOf(label);
    return `color-${index % COLORS.length} dash-${Math.floor(index / COLORS.length)}`;
  };
  return svg({
    width: WIDTH,
    height: HEIGHT,
    title,
    description: subtitle,
    style: {
      both: ".head{font-weight:600}.dash-1{stroke-dasharray:7 3}.dash-2{stroke-dasharray:2 3}" +
        ".dash-3{stroke-dasharray:9 3 2 3}.bar{stroke-width:1.2}" +
        COLORS.map((_, i) => `.dot.color-${i}{stroke-width:3}`).join(""),
    },
    body: [
      text(title, LEFT.left, 28, 'class="title"'),
      text(subtitle, LEFT.left, 48, 'class="small"'),
      legend(labels.map((name) => ({ name, style: style(name) })), LEFT.left, 70),
      grades(chart, labels, style),
      losses(chart, labels, style),
    ],
  });
}

type StyleOf = (label: string) => string;

function grades(
  { summaries, isClasses }: CompareChart,
  labels: readonly string[],
  style: StyleOf,
): string {
  const points = summaries.flatMap(({ contestant, test }) =>
    test === null ? [] : [{
      label: contestant.label,
      rate: contestant.learningRate,
      mean: (isClasses ? 100 : 1) * test.mean,
      error: (isClasses ? 100 : 1) * (test.error ?? 0),
    }]
  );
  const label = isClasses ? "test accuracy, %" : "test RMSE";
  if (points.length === 0) return "";
  const rates = points.map(({ rate }) => rate);
  const ends = points.flatMap(({ mean, error }) => [mean - error, mean + error]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = 0.08 * ((high - low) || Math.abs(high) || 1);
  const x = logScale([Math.min(...rates) / 1.6, Math.max(...rates) * 1.6], [LEFT.left, LEFT.right]);
  const y = linearScale([low - room, high + room], [LEFT.bottom, LEFT.top]);
  return [
    text(`${label} by learning rate`, LEFT.left, LEFT.top - 20, 'class="head"'),
    yAxis(y, LEFT, { label }),
    xAxis(x, LEFT, { label: "learning rate" }),
    ...labels.map((name) => {
      const own = points.filter((point) => point.label === name)
        .toSorted((a, b) => a.rate - b.rate);
      const places = own.map(({ rate, mean }): Point => [x(rate), y(mean)]);
      return curve(style(name), places) + own.map(({ rate, mean, error }, i) => {
        const at = x(rate), color = style(name);
        return line(`bar ${color}`, [at, y(mean - error)], [at, y(mean + error)]) +
          line(`dot ${color}`, [at - 2.5, places[i]![1]], [at + 2.5, places[i]![1]]);
      }).join("");
    }),
  ].join("\n");
}

function losses(
  { summaries, finished }: CompareChart,
  labels: readonly string[],
  style: StyleOf,
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
  return panel({
    title: "training loss, each at its best rate",
    xLabel: "training step",
    yLabel: "training loss",
    x: [1, last],
    y: "logarithmic",
    curves,
  }, RIGHT);
}
