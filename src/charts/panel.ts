import { xAxis, yAxis } from "./axes.ts";
import { linearScale, logScale, type Scale } from "./scale.ts";
import { line, pixel, type Rectangle, text } from "./svg.ts";

/** One curve of a panel. */
export interface PanelCurve {
  /** Class names of the curve. */
  readonly style: string;
  /** Where it goes through, by rising x; null where it has a gap. */
  readonly points: readonly (readonly [x: number, y: number | null])[];
  /** What the panel's legend calls it; none without it. */
  readonly name?: string;
  /** Without dots at its points. */
  readonly isPlain?: boolean;
}

/**
 * One of several plots of a picture.
 *
 * @internal
 */
export interface Panel {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** The ends of the x axis. */
  readonly x: readonly [number, number];
  /**
   * How x is scaled.
   * @default "linear"
   */
  readonly xScale?: "linear" | "logarithmic";
  /** How y is scaled: from 0, or by logarithms where the values reach over a factor of five. */
  readonly y: "from zero" | "logarithmic";
  readonly curves: readonly PanelCurve[];
}

/** The most decades of a logarithmic axis; what lies lower is left out. */
const MOST_DECADES = 10;
/** How far values must reach for a logarithmic axis. */
const LEAST_RATIO = 5;

/** Whether there is nothing to draw. */
export function isEmpty({ curves }: { readonly curves: readonly PanelCurve[] }): boolean {
  return curves.every(({ points }) => points.every(([, y]) => y === null));
}

/** A panel: title and legend in 48 pixels above the plot, labels in 48 pixels below it. */
export function panel(
  { title, xLabel, yLabel, x, xScale = "linear", y, curves }: Panel,
  plot: Rectangle,
): string {
  const { left, right, top, bottom } = plot;
  const across = (xScale === "linear" ? linearScale : logScale)(x, [left, right], 8),
    up = yScale(curves, y, plot);
  const named = curves.filter((curve) => curve.name !== undefined && !isEmpty({ curves: [curve] }));
  return [
    text(title, left, top - 34, 'class="head"'),
    legend(named.map(({ name, style }) => ({ name: name!, style })), left, top - 15),
    yAxis(up, plot, { label: yLabel }),
    xAxis(across, plot, { label: xLabel }),
    ...curves.map((curve) => drawn(curve, across, up, bottom)),
  ].join("\n");
}

function yScale(
  curves: readonly PanelCurve[],
  kind: Panel["y"],
  { top, bottom }: Rectangle,
): Scale {
  const values = curves.flatMap(({ points }) => points.map(([, y]) => y)).filter((y) => y !== null);
  const high = Math.max(0, ...values), above = values.filter((value) => value > 0);
  const low = Math.max(Math.min(...above), high / 10 ** MOST_DECADES);
  return kind === "logarithmic" && high > LEAST_RATIO * low
    ? logScale([low / 1.2, high * 1.2], [bottom, top], 12)
    : linearScale([0, high === 0 ? 1 : 1.06 * high], [bottom, top], 5);
}

/**
 * What a legend names.
 *
 * @internal
 */
export interface LegendEntry {
  readonly name: string;
  /** Class names of its line. */
  readonly style: string;
}

/** Pixels that an entry takes, with the space after it. */
const widthOf = ({ name }: LegendEntry): number => Math.round(52 + 6.6 * name.length);

/** Short lines with their names, one after the other. */
export function legend(entries: readonly LegendEntry[], left: number, y: number): string {
  let at = left;
  return entries.map((entry) => {
    const { name, style } = entry;
    const drawn = line(`curve ${style}`, [at, y], [at + 26, y]) +
      text(name, at + 32, y, 'class="small" dy=".35em"');
    at += widthOf(entry);
    return drawn;
  }).join("\n");
}

/** The same in rows, each `step` pixels below the one before, where one does not hold them all. */
export function legendRows(
  entries: readonly LegendEntry[],
  left: number,
  right: number,
  y: number,
  step: number,
): string[] {
  const rows: LegendEntry[][] = [[]];
  let at = left;
  for (const entry of entries) {
    if (at + widthOf(entry) > right && at > left) {
      rows.push([]);
      at = left;
    }
    rows.at(-1)!.push(entry);
    at += widthOf(entry);
  }
  return rows.map((row, i) => legend(row, left, y + step * i));
}

/** Lines between neighbouring points, and a dot at each: a point between gaps is seen too. */
function drawn({ points, style, isPlain }: PanelCurve, x: Scale, y: Scale, bottom: number): string {
  let path = "", dots = "", isOpen = false;
  for (const [px, py] of points) {
    const [cx, cy] = [pixel(x(px)), py === null ? NaN : pixel(y(py))];
    const isThere = cy <= bottom; // on a logarithmic axis, small values lie below, and 0 nowhere
    if (isThere) {
      path += `${isOpen ? "L" : "M"}${cx},${cy}`;
      if (!isPlain) dots += `<circle class="dot ${style}" cx="${cx}" cy="${cy}" r="2.2"/>`;
    }
    isOpen = isThere;
  }
  return path === "" ? "" : `<path class="curve ${style}" d="${path}"/>${dots}`;
}
