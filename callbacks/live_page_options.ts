import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import {
  flag,
  type OptionSpec,
  type OptionTable,
  resolveOptions,
  whole,
} from "../src/options/options.ts";
import type { GainSource } from "../src/live/sources.ts";
import type { ERDReport } from "./erd_report.ts";

/** Pictures for a live page; see {@linkcode LivePageOptions.images}. */
export interface LiveImages {
  /** Gives pictures [n, h, w, c] with c of 1 or 3, at most 2^18 values a picture; they are disposed of. */
  readonly sample: () => tf.Tensor | Promise<tf.Tensor>;
  /**
   * Ask after every so many epochs, and before the first: a whole number >= 1.
   * @default 1
   */
  readonly everyEpochs?: number;
  /**
   * The values that are shown as black and white.
   * @default the least and the greatest of each grid
   */
  readonly range?: readonly [black: number, white: number] | null;
}

/** Options of {@linkcode LivePage}. */
export interface LivePageOptions {
  /**
   * What stands at the top of the page.
   * @default "Training"
   */
  readonly title?: string;
  /**
   * Port on 127.0.0.1, a whole number from 0 to 65535; 0 takes a free one.
   * @default 0
   */
  readonly port?: number;
  /**
   * Open the page in a browser.
   * @default false
   */
  readonly open?: boolean;
  /**
   * File that the page is kept in whenever a training ends: one HTML file with all that it shows, which
   * needs no server. Its name must end in ".html".
   * @default none
   */
  readonly report?: string | null;
  /**
   * What is saved when a viewer stops the training: a directory for the model and its optimizer, or a
   * function that saves it in another way.
   * @default none
   */
  readonly checkpoint?: string | ((model: tfl.LayersModel) => unknown) | null;
  /**
   * Sample pictures, shown as they improve.
   * @default none
   */
  readonly images?: LiveImages | null;
  /**
   * An ERD that measures, whose raw loss, recoverability and weight are shown by noise level.
   * @default none
   */
  readonly erd?: { report(): ERDReport } | null;
  /**
   * What tells the filter's gain by layer.
   * @default none
   */
  readonly gains?: GainSource | null;
  /**
   * Files of earlier pages, exports or reports, whose runs are shown beside these.
   * @default none
   */
  readonly compare?: readonly string[];
}

/** All options of a live page, checked and with their defaults. */
export type ResolvedLivePageOptions =
  & Omit<Required<LivePageOptions>, "images">
  & { readonly images: Required<LiveImages> | null };

const spec = <Value>(
  fallback: Value,
  rule: string,
  accepts: (value: unknown) => boolean,
): OptionSpec<Value> => ({ fallback, rule: `must be ${rule}`, accepts });

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

const reporter = <Value>() =>
  spec<Value | null>(
    null,
    "an object with a method report()",
    (value) =>
      value === null ||
      typeof value === "object" && "report" in value && typeof value.report === "function",
  );

const OPTIONS: OptionTable<Required<LivePageOptions>> = {
  title: spec("Training", "a text", (value) => typeof value === "string"),
  port: spec(
    0,
    "a whole number from 0 to 65535",
    (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65535,
  ),
  open: flag(false),
  report: spec<string | null>(
    null,
    'the name of a file that ends in ".html"',
    (value) => value === null || typeof value === "string" && /.\.html$/.test(value),
  ),
  checkpoint: spec<Required<LivePageOptions>["checkpoint"]>(
    null,
    "a directory or a function",
    (value) => value === null || typeof value === "function" || isText(value),
  ),
  images: spec<LiveImages | null>(
    null,
    "an object such as { sample: () => pictures }",
    (value) => typeof value === "object",
  ),
  erd: reporter<{ report(): ERDReport }>(),
  gains: reporter<GainSource>(),
  compare: spec<readonly string[]>(
    [],
    "a list of files",
    (value) => Array.isArray(value) && value.every(isText),
  ),
};

const IMAGES: OptionTable<Required<LiveImages>> = {
  sample: spec<LiveImages["sample"]>(
    () => {
      throw new Error("there are no pictures");
    },
    "a function that gives pictures [n, h, w, c]",
    (value) => typeof value === "function",
  ),
  everyEpochs: whole(1),
  range: spec<Required<LiveImages>["range"]>(
    null,
    "[black, white], two different finite numbers",
    (value) =>
      value === null ||
      Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) &&
        value[0] !== value[1],
  ),
};

/**
 * All options, checked, with what is not given filled in.
 *
 * @throws {RangeError} if a value is out of its range
 * @throws {TypeError} if there is no such option, naming the nearest one
 */
export function resolveLivePageOptions(given: LivePageOptions): ResolvedLivePageOptions {
  const options = resolveOptions<Required<LivePageOptions>>("LivePage", OPTIONS, given);
  if (options.images === null) return { ...options, images: null };
  const images = resolveOptions<Required<LiveImages>>("LivePage: images", IMAGES, options.images);
  if (options.images.sample === undefined) {
    throw new RangeError(
      `Cannot create LivePage: images: sample ${IMAGES.sample.rule}, got undefined`,
    );
  }
  return { ...options, images };
}
