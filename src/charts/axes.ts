import { type Scale, tickText } from "./scale.ts";
import { escapeText, line, pixel, type Rectangle, text } from "./svg.ts";

/**
 * What stands beside an axis.
 *
 * @internal
 */
export interface AxisText {
  /** What is measured. */
  readonly label?: string;
  /** How a tick reads. */
  readonly format?: (tick: number) => string;
}

/** The axis under a plot. */
export function xAxis(
  x: Scale,
  plot: Rectangle,
  { label, format = tickText }: AxisText = {},
): string {
  const { left, right, bottom } = plot;
  const lines = [line("axis", [left, bottom], [right, bottom])];
  for (const tick of x.ticks) {
    const at = x(tick);
    lines.push(
      line("axis", [at, bottom], [at, bottom + 5]),
      text(format(tick), at, bottom + 20, 'text-anchor="middle"'),
    );
  }
  if (label !== undefined) {
    lines.push(text(label, (left + right) / 2, bottom + 44, 'text-anchor="middle"'));
  }
  return lines.join("\n");
}

/** The axis left of a plot, with lines across it. */
export function yAxis(
  y: Scale,
  plot: Rectangle,
  { label, format = tickText }: AxisText = {},
): string {
  const { left, right, top, bottom } = plot;
  const lines = y.ticks.flatMap((tick) => {
    const at = y(tick);
    return [
      line("grid", [left, at], [right, at]),
      text(format(tick), left - 9, at, 'dy=".35em" text-anchor="end"'),
    ];
  });
  if (label !== undefined) {
    const middle = pixel((top + bottom) / 2);
    lines.push(
      `<text transform="translate(${pixel(left - 56)} ${middle}) rotate(-90)" ` +
        `text-anchor="middle">${escapeText(label)}</text>`,
    );
  }
  return lines.join("\n");
}
