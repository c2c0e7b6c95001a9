import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import { failure } from "@signalfit/tfjs/parts";
import { nearest } from "@signalfit/tfjs/parts";
import { fileInfo } from "../lib/file_info.ts";
import { UsageError } from "../exit_codes.ts";
import type { Dataset, Rows, Task } from "./dataset.ts";
import { irisTable } from "./iris.ts";
import { type LabelledImages, loadImageData } from "./mnist.ts";
import { pictureDataset } from "./picture_dataset.ts";
import { readTable, tableDataset } from "./table.ts";

/** Data that come with the program. */
export const OWN_DATA = ["mnist", "iris"] as const;

/** What to load. */
export interface DataChoice {
  /** A name of {@link OWN_DATA}, a directory of IDX files or of folders of images, or a CSV file. */
  readonly data: string;
  /** Of a CSV file: the column to predict, the last one if undefined. */
  readonly target?: string | undefined;
  /** Of a CSV file: columns that are left out. */
  readonly ignore?: readonly string[] | undefined;
  /** Of a CSV file: what is to be learned, told by the target if undefined. */
  readonly task?: Task | undefined;
  /** Of a table or folders of images: share of the rows that are kept for the test. */
  readonly testSplit?: number | undefined;
}

/** Share of a table's rows that are kept for the test if nothing else is asked for. */
export const TEST_SPLIT = 0.2;

/**
 * Loads data to learn from.
 *
 * @throws {UsageError} if there are no such data, or an option does not go with them
 * @throws {Error} if a file cannot be used, naming it, the place and what was expected
 */
export async function loadDataset(choice: DataChoice): Promise<Dataset> {
  const { data, ignore, task } = choice;
  const kind = await kindOf(data);
  const testSplit = choice.testSplit ?? TEST_SPLIT;
  if (kind === "csv") {
    const target = choice.target;
    return await readTable(data, defined({ target, ignore, task, testSplit }));
  }
  refuse(choice, kind === "iris" || kind === "pictures" ? CSV_ONLY : TABLE_ONLY);
  if (kind === "iris") return tableDataset("iris", await irisTable(), { testSplit });
  if (kind === "pictures") return await pictureDataset(data, testSplit);
  const images = await loadImageData(kind === "mnist" ? {} : { directory: data });
  if (images.classes < 2) {
    throw new Error(`Cannot use ${data}: expected at least 2 classes, got 0 alone as a label`);
  }
  const [train, test] = [images.train, images.test].map(rowsOf) as [Rows, Rows];
  return {
    name: kind === "mnist" ? "MNIST" : basename(data),
    task: "classification",
    inputShape: [...images.train.size, 1],
    classes: Array.from({ length: images.classes }, (_, i) => String(i)),
    train,
    test,
    table: null,
  };
}

const CSV_ONLY = ["target", "ignore", "task"] as const;
const TABLE_ONLY = [...CSV_ONLY, "testSplit"] as const;

async function kindOf(data: string): Promise<"mnist" | "iris" | "idx" | "pictures" | "csv"> {
  if (data === "mnist" || data === "iris") return data;
  const info = await fileInfo(data);
  if (info?.isDirectory()) {
    const names = await readdir(data).catch((error) => {
      throw failure("Cannot read", data, error);
    });
    return names.some((name) => /ubyte(\.gz)?$/.test(name)) ? "idx" : "pictures";
  }
  if (info !== undefined) return "csv";
  const near = nearest(data, OWN_DATA);
  throw new UsageError(
    `There are no data "${data}": expected ${
      OWN_DATA.join(", ")
    }, a directory of IDX files, one with a folder of PNG or ` +
      `JPEG files for each class, or a CSV file` +
      (near === undefined ? "" : `; did you mean "${near}"?`),
  );
}

function refuse(choice: DataChoice, names: readonly (typeof TABLE_ONLY)[number][]): void {
  for (const name of names) {
    if (choice[name] === undefined) continue;
    const option = name === "testSplit" ? "--test-split" : `--${name}`;
    const whose = names.includes("testSplit") ? "tables" : "CSV files";
    throw new UsageError(`${option} is for ${whose} alone; "${choice.data}" has its own`);
  }
}

function rowsOf({ count, pixels, labels }: LabelledImages): Rows {
  const inputs = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) inputs[i] = pixels[i]! / 255;
  return { count, inputs, targets: Float32Array.from(labels) };
}

/** An object without what is undefined. */
function defined<Given extends object>(
  given: Given,
): { [Name in keyof Given]: Exclude<Given[Name], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Given]: Exclude<Given[Name], undefined>;
  };
}
