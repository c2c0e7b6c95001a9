/**
 * How uPlot draws a chart of lines.
 *
 * @module
 */
import { linearTicks, logTicks, timeTicks } from "../../charts/ticks.js";
import { duration, tick } from "./format.js";
import { FAMILY } from "./picture.js";
import { color } from "./theme.js";

/** @typedef {import("./lines.js").Line} Line */
/** @typedef {import("uplot")} UPlot */

const FONT = `12px ${FAMILY}`;

/** What the horizontal axis is called, where its marks are, and how they are written. */
const ACROSS = {
  step: { label: "Step", ticks: wholeTicks, write: tick },
  time: { label: "Time of training", ticks: timeTicks, write: duration },
  level: { label: "Noise level t", ticks: linearTicks, write: tick },
};
/** Pixels that marks have at least, across and up. */
const SPACE = { x: 72, y: 30 };
/** uPlot looks for a distance between marks of its own; this one always does, and is not used. */
const ANY_DISTANCE = { space: 1, incrs: [1e16] };

/**
 * @typedef {object} LineChart
 * @property {readonly Line[]} lines
 * @property {boolean} isLog
 * @property {"step" | "time" | "level"} x What the horizontal axis is.
 * @property {string} label What the vertical axis is.
 * @property {number} width
 * @property {number} height
 * @property {(value: number | null) => string} tick How a mark on the vertical axis is written.
 * @property {() => [number, number]} range The part of the horizontal axis that is shown.
 * @property {() => void} onCursor
 * @property {(range: [number, number] | null) => void} onSelect
 */

/**
 * Options for uPlot. Its data has four columns a line: least, greatest, mean, smoothed.
 * @param {LineChart} chart
 * @returns {import("uplot").Options}
 */
export function lineOptions(chart) {
  const { lines, isLog, x, width, height, range, onCursor, onSelect } = chart;
  const series = lines.flatMap(({ ink: name, kind, stride }) => {
    const ink = color(`--${name}`);
    const unseen = { show: stride > 1, stroke: "transparent", width: 0, points: { show: false } };
    const isEpoch = kind === "epoch";
    return [
      unseen,
      unseen,
      { stroke: ink, width: 1, alpha: 0.28, show: kind === "batch", points: { show: false } },
      {
        stroke: ink,
        width: 2,
        dash: { batch: [], epoch: [6, 4], average: [2, 3] }[kind],
        points: isEpoch ? { show: true, size: 5, fill: ink, width: 0 } : { show: false },
      },
    ];
  });
  const bands = lines.flatMap(({ ink, stride }, i) =>
    stride > 1
      ? [{
        series: /** @type {[number, number]} */ ([4 * i + 2, 4 * i + 1]),
        fill: color(`--${ink}`).replace("rgb(", "rgba(").replace(")", ", 0.13)"),
      }]
      : []
  );
  const axis = {
    font: FONT,
    stroke: color("--muted"),
    grid: { stroke: color("--grid"), width: 1 },
    ticks: { show: false },
    gap: 8,
    labelFont: FONT,
    labelSize: 18,
    labelGap: 0,
    ...ANY_DISTANCE,
  };
  const across = ACROSS[x];
  return {
    width,
    height,
    padding: [12, 28, 0, 0],
    legend: { show: false },
    cursor: {
      ...(x === "level" ? {} : { sync: { key: `signalfit-${x}`, scales: ["x", null] } }),
      drag: { x: true, y: false, setScale: false },
      y: false,
      points: { size: 8, width: 2, stroke: () => color("--card"), fill: dotColor },
      dataIdx: (plot, index, hovered) => nearestKnown(plot.data[index] ?? [], hovered),
      bind: {
        dblclick: () => () => {
          onSelect(null);
          return null;
        },
      },
    },
    scales: {
      x: {
        time: false,
        range: () => range(),
      },
      y: isLog ? { distr: 3, range: (_, low, high) => logRange(low, high) } : {},
    },
    axes: [
      {
        ...axis,
        label: across.label,
        size: 28,
        splits: (plot, _, low, high) =>
          across.ticks(low, high, Math.max(2, Math.floor(inner(plot).width / SPACE.x))),
        values: (_, splits) => splits.map(across.write),
      },
      {
        ...axis,
        label: chart.label,
        size: (_, values) => 16 + 7 * Math.max(3, ...(values ?? []).map((v) => v?.length ?? 0)),
        splits: (plot, _, low, high) =>
          (isLog ? logTicks : linearTicks)(
            low,
            high,
            Math.max(3, Math.floor(inner(plot).height / SPACE.y)),
          ),
        filter: (_, splits) => splits,
        values: (_, splits) => distinct(splits, chart.tick),
      },
    ],
    series: [{}, ...series],
    bands,
    hooks: {
      setCursor: [onCursor],
      setSelect: [(plot) => {
        const { left, width } = plot.select;
        if (width < 4) return;
        const ends = [left, left + width].map((place) => plot.posToVal(place, "x"));
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        onSelect([ends[0] ?? 0, ends[1] ?? 0]);
      }],
    },
  };
}

/**
 * The colour of the dot on a line under the cursor: only smoothed lines have one.
 * @param {UPlot} plot
 * @param {number} index
 */
function dotColor(plot, index) {
  const { stroke } = plot.series[index] ?? {};
  const ink = typeof stroke === "function" ? stroke(plot, index) : stroke;
  return index % 4 === 0 ? String(ink) : "transparent";
}

/**
 * The index of the nearest value that is known.
 * @param {ArrayLike<number | null | undefined>} values
 * @param {number} from
 */
function nearestKnown(values, from) {
  for (let away = 0; away < values.length; away++) {
    for (const index of [from - away, from + away]) {
      const value = values[index];
      if (value !== null && value !== undefined) return index;
    }
  }
  return from;
}

/**
 * A little more than from the least to the greatest value.
 * @param {number | null} low
 * @param {number | null} high
 * @returns {[number, number]}
 */
function logRange(low, high) {
  return low === null || high === null ? [0.1, 1] : [low / 1.15, high * 1.15];
}

/**
 * Marks at whole numbers.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
function wholeTicks(low, high, count) {
  return linearTicks(low, high, count).filter(Number.isInteger);
}

/**
 * The size of the area that lines are drawn in, in pixels of the page.
 * @param {UPlot} plot
 */
function inner({ bbox }) {
  return { width: bbox.width / devicePixelRatio, height: bbox.height / devicePixelRatio };
}

/**
 * Marks as texts, with all their digits where else two would read the same.
 * @param {number[]} ticks
 * @param {(value: number) => string} write
 */
function distinct(ticks, write) {
  const texts = ticks.map(write);
  return new Set(texts).size === texts.length ? texts : ticks.map(String);
}
