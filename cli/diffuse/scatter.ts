import { xAxis, yAxis } from "@signalfit/tfjs/parts";
import { type Interval, linearScale } from "@signalfit/tfjs/parts";
import { pixel, svg, text } from "@signalfit/tfjs/parts";

/** Points of two columns. */
export interface Cloud {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Most points that are drawn of each cloud. */
const MOST = 2000;
const SIZE = 480;
const PLOT = { left: 80, right: SIZE - 24, top: 64, bottom: SIZE - 64 };

/** Clouds of points over each other, with a color each, as the text of an SVG file. */
export function scatter(
  { title, labels, clouds }: {
    readonly title: string;
    readonly labels: readonly [x: string, y: string];
    readonly clouds: readonly Cloud[];
  },
): string {
  const all = clouds.flatMap(({ points }) => points);
  const x = linearScale(ends(all.map(([x]) => x)), [PLOT.left, PLOT.right]);
  const y = linearScale(ends(all.map(([, y]) => y)), [PLOT.bottom, PLOT.top]);
  const names = clouds.map(({ name }) => name).join(" and ");
  return svg({
    width: SIZE,
    height: SIZE,
    title,
    description: `Points of ${names} by ${labels[0]} and ${labels[1]}.`,
    style: { both: "circle{stroke:none;fill-opacity:.5}" },
    body: [
      text(title, PLOT.left, 24, 'class="title"'),
      ...clouds.flatMap(({ name, points }, i) => [
        `<circle class="fill-${i}" cx="${PLOT.left + 150 * i + 5}" cy="43" r="5"/>`,
        text(`${name} (${points.length})`, PLOT.left + 150 * i + 16, 47, 'class="small"'),
      ]),
      yAxis(y, PLOT, { label: labels[1] }),
      xAxis(x, PLOT, { label: labels[0] }),
      ...clouds.map(({ points }, i) =>
        `<g class="fill-${i}">${
          points.slice(0, MOST).map(([across, up]) =>
            `<circle cx="${pixel(x(across))}" cy="${pixel(y(up))}" r="1.8"/>`
          ).join("")
        }</g>`
      ),
    ],
  });
}

/** The least and the greatest, with a little room. */
function ends(values: readonly number[]): Interval {
  const [low, high] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  const room = (high - low || 1) / 20;
  return [low - room, high + room];
}
