import type { WasmModule } from "../expr/wasm_instructions.ts";
import {
  add,
  advance,
  bytes,
  type Code,
  count,
  elements,
  functionOf,
  get,
  int,
  load,
  mul,
  set,
  store,
  sub,
  when,
  within,
  zeros,
} from "./code.ts";
import type { Heap } from "./heap.ts";

/** How a window walks over images of shape [height, width, channels]. */
export interface Window {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Rows and columns of the window. */
  readonly rows: number;
  readonly columns: number;
  readonly strideRows: number;
  readonly strideColumns: number;
  readonly dilationRows: number;
  readonly dilationColumns: number;
  /** Rows above and columns left of the image that count as zero. */
  readonly top: number;
  readonly left: number;
  /** Rows and columns of places that it takes. */
  readonly outRows: number;
  readonly outColumns: number;
}

/** How many numbers of each image the window sees at a place. */
export function windowSize({ rows, columns, channels }: Window): number {
  return rows * columns * channels;
}

/**
 * Copies what the window sees at some places into one row of numbers each.
 *
 * @param images where the images begin
 * @param first the first place, counted over the rows and columns of all images
 * @param places how many
 * @param to where the rows are written
 */
export function gatherColumns(
  heap: Heap,
  window: Window,
  images: number,
  [first, places]: readonly [first: number, places: number],
  to: number,
): void {
  heap.run(printGather, ...parametersOf(window), images, first, places, to);
}

/** Adds such rows to the images, each number where it was seen; what was outside is left out. */
export function scatterColumns(
  heap: Heap,
  window: Window,
  images: number,
  [first, places]: readonly [first: number, places: number],
  rows: number,
): void {
  heap.run(printScatter, ...parametersOf(window), images, first, places, rows);
}

/** In the order of the parameters of the modules. */
function parametersOf(window: Window): number[] {
  return WINDOW.map((name) => window[name]);
}

const WINDOW: readonly (keyof Window)[] = [
  "height",
  "width",
  "channels",
  "rows",
  "columns",
  "strideRows",
  "strideColumns",
  "dilationRows",
  "dilationColumns",
  "top",
  "left",
  "outRows",
  "outColumns",
];

const printGather = (): WasmModule => printWalk(false);
const printScatter = (): WasmModule => printWalk(true);

/** A walk over places, and in each over the rows of the window. */
function printWalk(isScatter: boolean): WasmModule {
  /** Moves so many numbers between the image at "p" and the row at "row", which is moved on. */
  const move = (length: Code): Code => [
    set("n", length),
    elements(
      "n",
      ["p", "row"],
      (lanes) =>
        isScatter
          ? store(lanes, get("p"), [load(lanes, get("p")), load(lanes, get("row")), ["f32x4.add"]])
          : store(lanes, get("row"), load(lanes, get("p"))),
    ),
  ];
  /** Passes over so many numbers outside of the image. */
  const skip = (length: Code): Code =>
    isScatter ? advance("row", bytes(length)) : [
      set("n", length),
      elements("n", ["row"], (lanes) => store(lanes, get("row"), zeros)),
    ];
  const one: Code = get("channels");
  const whole: Code = mul(get("columns"), one);
  const pointAt = (column: Code): Code => set("p", add(get("line"), bytes(mul(column, one))));
  /** The window's columns are neighbours, all of them in the image. */
  const isRun: Code = [
    [get("dilationColumns"), int(1), ["i32.sub"], ["i32.eqz"]],
    within(get("x"), get("width")),
    ["i32.and"],
    within(sub(add(get("x"), get("columns")), int(1)), get("width")),
    ["i32.and"],
  ];
  const eachColumn: Code = count("j", get("columns"), [
    set("at", add(get("x"), mul(get("j"), get("dilationColumns")))),
    when(within(get("at"), get("width")), [pointAt(get("at")), move(one)], skip(one)),
  ]);
  const place: Code = [
    set("x", sub(mul(get("outColumn"), get("strideColumns")), get("left"))),
    set("y", sub(mul(get("outRow"), get("strideRows")), get("top"))),
    count("i", get("rows"), [
      when(
        within(get("y"), get("height")),
        [
          set("line", add(get("image"), bytes(mul(mul(get("y"), get("width")), one)))),
          when(isRun, [pointAt(get("x")), move(whole)], eachColumn),
        ],
        skip(whole),
      ),
      advance("y", get("dilationRows")),
    ]),
  ];
  const perImage = mul(get("outRows"), get("outColumns"));
  return functionOf(
    isScatter ? "scatter" : "gather",
    [...WINDOW, "images", "first", "places", "row"],
    [
      // the first place
      set("index", [get("first"), perImage, ["i32.div_u"]]),
      set("size", bytes(mul(mul(get("height"), get("width")), one))),
      set("image", add(get("images"), mul(get("index"), get("size")))),
      set("index", sub(get("first"), mul(get("index"), perImage))),
      set("outRow", [get("index"), get("outColumns"), ["i32.div_u"]]),
      set("outColumn", sub(get("index"), mul(get("outRow"), get("outColumns")))),
      count("done", get("places"), [
        place,
        advance("outColumn", int(1)),
        when([[get("outColumn"), get("outColumns"), ["i32.ge_s"]]], [
          set("outColumn", int(0)),
          advance("outRow", int(1)),
          when([[get("outRow"), get("outRows"), ["i32.ge_s"]]], [
            set("outRow", int(0)),
            advance("image", get("size")),
          ]),
        ]),
      ]),
    ],
  );
}
