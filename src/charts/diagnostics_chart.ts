import type { NoiseLevelReport } from "../diffusion/diagnostics/diffusion_report.ts";
import { isEmpty, legend, type Panel, panel, type PanelCurve } from "./panel.ts";
import { sequence } from "./sequence.ts";
import { type Rectangle, svg, text } from "./svg.ts";

/** What one epoch shows; the records of `DiffusionDiagnostics` are such. */
export interface ChartRecord {
  /** Epochs trained so far. */
  readonly epoch: number;
  /** What was measured, by noise level. */
  readonly levels: readonly NoiseLevelReport[];
}

/** Options of {@linkcode diagnosticsChart}. */
export interface DiagnosticsChartOptions {
  /**
   * The picture's title.
   * @default "Diffusion diagnostics by noise level"
   */
  readonly title?: string;
  /**
   * A line in small print under the title.
   * @default none
   */
  readonly subtitle?: string;
}

const WIDTH = 960;
/** Of the plots: where the columns begin, their size, the space above the first, and from row to row. */
const COLUMNS = [80, 568], SIZE = { width: 372, height: 210 }, ABOVE = 76, ROW = 326;
const MOST_EPOCHS = 6;
/** The kernels that are shown: those of the least noise, of the middle, and of the most. */
const KERNEL_STYLES = ["", " dashed", " dotted"];

const STYLE = {
  both: `text{font-size:12px}.title{font-size:19px}.head{font-size:14px;font-weight:600}
.curve{stroke-width:1.6}.curve.last{stroke-width:2.6}.dot{stroke-width:0}
.dashed{stroke-dasharray:8 4}.dotted{stroke-dasharray:2 4}.floor{stroke-dasharray:5 4}
.weight{stroke-dasharray:1 3;stroke-width:2.4}
`,
  light: ".head{fill:#222}.floor{stroke:#555}.weight{stroke:#00785a}",
  dark: ".head{fill:#e6e6e6}.floor{stroke:#b0b4ba}.weight{stroke:#3fd0a4}",
};

/**
 * The records as an SVG picture, readable on a light and on a dark ground: raw loss and its floor,
 * recoverability and weight, effective rank of the features (or else of the outputs), each by t and for up
 * to six epochs from early to late; and the spectrum of the neural tangent kernel after the last one (or
 * else, beside that of features, the effective rank of the outputs). What was not measured is left out.
 *
 * @param records at least one, the first epoch first
 * @returns the text of an SVG file
 * @throws {RangeError} if there are no records
 */
export function diagnosticsChart(
  records: readonly ChartRecord[],
  options: DiagnosticsChartOptions = {},
): string {
  if (!(Array.isArray(records) && records.length > 0)) {
    throw new RangeError("Cannot draw diagnostics: there must be at least one record, got none");
  }
  const { title = "Diffusion diagnostics by noise level", subtitle = "" } = options;
  const shown = chosen(records, MOST_EPOCHS), last = shown.at(-1)!, left = COLUMNS[0]!;
  const panels = panelsOf(shown).filter((one) => !isEmpty(one));
  const top = subtitle === "" ? 62 : 86, rows = Math.ceil(panels.length / 2);
  const colors = sequence("epoch", shown.length);
  const names = shown.map(({ epoch }, i) => ({ name: `epoch ${epoch}`, style: styleOf(i, shown) }));
  return svg({
    width: WIDTH,
    height: top + ABOVE + ROW * (rows - 1) + SIZE.height + 62,
    title,
    description: inWords(last),
    style: { both: STYLE.both, light: STYLE.light + colors.light, dark: STYLE.dark + colors.dark },
    body: [
      text(title, left, 36, 'class="title"'),
      ...subtitle === "" ? [] : [text(subtitle, left, 58, 'class="small"')],
      legend(names, left, top),
      ...panels.map((one, i) => panel(one, place(i, top + ABOVE))),
    ],
  });
}

function place(index: number, first: number): Rectangle {
  const left = COLUMNS[index % 2]!, top = first + ROW * Math.floor(index / 2);
  return { left, top, right: left + SIZE.width, bottom: top + SIZE.height };
}

/** The first and the last, and others evenly between them. */
function chosen<Item>(items: readonly Item[], most: number): Item[] {
  const count = Math.min(most, items.length);
  if (count <= 1) return items.slice(items.length - count);
  const index = (i: number): number => Math.round(i * (items.length - 1) / (count - 1));
  return Array.from({ length: count }, (_, i) => items[index(i)]!);
}

type Value = (level: NoiseLevelReport) => number | null;

function panelsOf(shown: readonly ChartRecord[]): Panel[] {
  const last = shown.at(-1)!;
  const byTime = (
    title: string,
    yLabel: string,
    y: Panel["y"],
    ...curves: PanelCurve[]
  ): Panel => ({
    title,
    xLabel: "t (1 is pure noise)",
    yLabel,
    x: [0, 1],
    y,
    curves,
  });
  const byEpoch = (value: Value): PanelCurve[] =>
    shown.map((record, i) => ({ points: pointsOf(record, value), style: styleOf(i, shown) }));
  const ofLast = (name: string, style: string, value: Value): PanelCurve => ({
    name,
    style,
    points: pointsOf(last, value),
    isPlain: true,
  });
  const weight = ofLast("weight, last epoch", "weight", (level) => level.weight);
  const isWeighted = !isEmpty({ curves: [weight] });
  const rank = (what: string, value: Value): Panel =>
    byTime(`Effective rank of the ${what}`, "effective rank", "from zero", ...byEpoch(value));
  const ranks = [
    rank("features", (level) => level.featureRank),
    rank("outputs", (level) => level.outputRank),
  ].filter((one) => !isEmpty(one));
  const kernel = kernelPanel(last, styleOf(shown.length - 1, shown));
  return [
    byTime(
      "Raw loss",
      "mean squared error",
      "logarithmic",
      ...byEpoch((level) => level.loss),
      ofLast("floor", "floor", (level) => level.floor),
    ),
    byTime(
      `Recoverability R${isWeighted ? ", and weight of the loss" : ""}`,
      isWeighted ? "R and weight" : "R",
      "from zero",
      ...byEpoch((level) => level.recoverability),
      ofLast("highest possible R", "floor", (level) => level.recoverabilityLimit),
      weight,
    ),
    ...ranks.slice(0, isEmpty(kernel) ? 2 : 1),
    kernel,
  ];
}

function pointsOf({ levels }: ChartRecord, value: Value): PanelCurve["points"] {
  return levels.map((level) => [level.t, value(level)] as const).sort(([a], [b]) => a - b);
}

function kernelPanel({ epoch, levels }: ChartRecord, style: string): Panel {
  const known = levels.filter(({ ntk }) => ntk !== null).sort((a, b) => a.t - b.t);
  const curves = chosen(known, KERNEL_STYLES.length).map(({ t, ntk }, i) => ({
    name: `t = ${Number(t.toPrecision(3))}`,
    style: style + KERNEL_STYLES[i],
    points: ntk!.eigenvalues.map((value, k) => [k + 1, value > 0 ? value : null] as const),
  }));
  return {
    title: `Neural tangent kernel, epoch ${epoch}`,
    xLabel: "number of the eigenvalue",
    yLabel: "eigenvalue",
    x: [1, Math.max(2, ...curves.map(({ points }) => points.length))],
    y: "logarithmic",
    curves,
  };
}

function styleOf(index: number, shown: readonly unknown[]): string {
  return index === shown.length - 1 ? `epoch-${index} last` : `epoch-${index}`;
}

/** The last epoch in a few words, for those who do not see the picture. */
function inWords({ epoch, levels }: ChartRecord): string {
  const ends = [levels[0], levels.at(-1)].filter((level) => level !== undefined);
  const tell = ({ t, loss, floor, recoverability, featureRank, outputRank }: NoiseLevelReport) => {
    const rank = featureRank ?? outputRank;
    const words = { loss, floor, recoverability, "effective rank": rank };
    const known = Object.entries(words).filter(([, value]) => value !== null);
    return `at t = ${t}: ${known.map(([name, x]) => `${name} ${x!.toPrecision(3)}`).join(", ")}`;
  };
  return `After epoch ${epoch}, ${ends.map(tell).join("; ")}.`;
}
