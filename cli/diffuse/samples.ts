import { join } from "node:path";
import { csvRecord } from "../../src/logs/csv.ts";
import { writeWhole } from "../lib/write_whole.ts";
import { type DiffusionData, isImage } from "./data.ts";
import { gridPng } from "./grid.ts";
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
 * @returns the files, by what they hold
 */
export async function writeSamples(
  directory: string,
  data: DiffusionData,
  values: Float32Array,
): Promise<Readonly<Record<string, string>>> {
  const { shape } = data;
  if (isImage(shape)) {
    const count = values.length / (shape[0] * shape[1] * shape[2]);
    const columns = columnsOf(data, count);
    const files = { samples: join(directory, "samples.png"), data: join(directory, "data.png") };
    await writeWhole(files.samples, gridPng(values, shape, columns));
    await writeWhole(files.data, gridPng(firstOf(data, labelsOf(data, count)), shape, columns));
    return files;
  }
  const drawn = pointsOf(data, values), known = pointsOf(data, data.values);
  const names = data.columns.map(({ name }) => name);
  const samples = join(directory, "samples.csv");
  const rows = [names, ...drawn.map((row) => row.map(String))];
  await writeWhole(samples, rows.map((row) => `${csvRecord(row, ",")}\n`).join(""));
  if (names.length < 2) return { samples };
  const picture = join(directory, "samples.svg");
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

/** For each label the first image of its class that has not been taken yet, while there are any. */
function firstOf({ values, labels, count }: DiffusionData, wanted: Uint16Array): Float32Array {
  const each = values.length / count, next = new Map<number, number>();
  const images: Float32Array[] = [];
  for (const label of wanted) {
    const index = labels.indexOf(label, next.get(label) ?? 0);
    if (index < 0) continue;
    next.set(label, index + 1);
    images.push(values.subarray(index * each, (index + 1) * each));
  }
  const joined = new Float32Array(images.length * each);
  images.forEach((image, i) => joined.set(image, i * each));
  return joined;
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
