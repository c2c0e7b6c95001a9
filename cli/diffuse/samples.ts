import { join } from "node:path";
import { csvRecord } from "@signalfit/tfjs/parts";
import { writeWhole } from "../lib/write_whole.ts";
import { type DiffusionData, firstOfEach, isImage } from "./data.ts";
import { gridOf, magnification, magnified, png } from "./grid.ts";
import { scatter } from "./scatter.ts";

/** Most images in a row of a grid. */
const MOST_COLUMNS = 16;

/** The classes of so many samples, in turn. */
export function labelsOf({ classes }: DiffusionData, count: number): Uint16Array {
  return Uint16Array.from({ length: count }, (_, i) => i % classes.length);
}

/** Images in a row of a grid: each class in a column of its own if there is room. */
export function columnsOf({ classes }: DiffusionData, count: number): number {
  const even = classes.length > 1 ? classes.length : Math.ceil(Math.sqrt(count));
  return Math.min(even, count, MOST_COLUMNS);
}

/**
 * Writes samples: images as samples.png beside some of the data in data.png, points as samples.csv and,
 * beside those of the data, as samples.svg.
 *
 * @param suffix tells the samples of several runs apart, as in samples-erd.png
 * @returns the files, by what they hold
 */
export async function writeSamples(
  directory: string,
  data: DiffusionData,
  values: Float32Array,
  suffix = "",
): Promise<Readonly<Record<string, string>>> {
  const { shape } = data;
  if (isImage(shape)) {
    const count = values.length / (shape[0] * shape[1] * shape[2]);
    const columns = columnsOf(data, count);
    const files = {
      samples: join(directory, `samples${suffix}.png`),
      data: join(directory, "data.png"),
    };
    const picture = (values: Float32Array): Uint8Array =>
      png(magnified(gridOf(values, shape, columns), magnification(shape)));
    const known = firstOfEach(data, labelsOf(data, count));
    await writeWhole(files.samples, picture(values));
    await writeWhole(files.data, picture(known));
    return files;
  }
  const drawn = pointsOf(data, values), known = pointsOf(data, data.values);
  const names = data.columns.map(({ name }) => name);
  const samples = join(directory, `samples${suffix}.csv`);
  const rows = [names, ...drawn.map((row) => row.map(String))];
  await writeWhole(samples, rows.map((row) => `${csvRecord(row, ",")}\n`).join(""));
  if (names.length < 2) return { samples };
  const picture = join(directory, `samples${suffix}.svg`);
  const pair = (row: readonly number[]): [number, number] => [row[0]!, row[1]!];
  await writeWhole(
    picture,
    scatter({
      title: `${data.name} by diffusion`,
      labels: [names[0]!, names[1]!],
      clouds: [{ name: "data", points: known.map(pair) }, {
        name: "samples",
        points: drawn.map(pair),
      }],
    }),
  );
  return { samples, picture };
}

/** Points in the numbers of the file that they came from, to the digits that float32 has. */
function pointsOf({ columns }: DiffusionData, values: Float32Array): number[][] {
  return Array.from(
    { length: values.length / columns.length },
    (_, row) =>
      columns.map(({ mean, scale }, column) => {
        const value = mean + scale * values[row * columns.length + column]!;
        return Number(value.toPrecision(7));
      }),
  );
}
