import uPlot from "uplot";
import { color, el, onTheme, setText } from "./elements.ts";
import { short } from "./format.ts";

/** A line of a chart. */
export interface Line {
  readonly name: string;
  /** Its colour, one of 0 to 5. */
  readonly color: number;
  readonly isDashed?: boolean;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** What a chart is like. */
export interface ChartOptions {
  readonly title: string;
  /** What its horizontal axis is. */
  readonly x: string;
  readonly isLog?: boolean;
  /** The part of the vertical axis that is shown. */
  readonly range?: readonly [number, number];
  /** A value as text. */
  readonly format: (value: number) => string;
  /**
   * A mark on the vertical axis as text.
   * @default {without needless digits}
   */
  readonly tick?: (value: number) => string;
}

const HEIGHT = 230;
/** Milliseconds between two drawings. */
const DRAW_EVERY = 125;

/** A chart of lines with a legend that tells values, at the pointer or the last ones. */
export class Chart {
  readonly #options: ChartOptions;
  readonly #figure: HTMLElement;
  readonly #legend = el("p", { class: "legend" });
  readonly #area = el("div", { class: "area", role: "img" });
  readonly #where = el("span", { class: "note" });
  #lines: readonly Line[] = [];
  #shape = "";
  #plot: uPlot | undefined;
  #isDue = false;

  constructor(figure: HTMLElement, options: ChartOptions) {
    this.#figure = figure;
    this.#options = options;
    const title = el("h2", {}, options.title);
    figure.append(el("header", {}, title, this.#where), this.#legend, this.#area);
    this.#describe();
    onTheme(() => this.#rebuild());
    addEventListener("resize", () => this.#resize());
  }

  /** Shows other lines, soon: drawing must not take the time from training. */
  show(lines: readonly Line[]): void {
    this.#lines = lines;
    if (this.#isDue) return;
    this.#isDue = true;
    setTimeout(() => {
      this.#isDue = false;
      this.#draw();
    }, DRAW_EVERY);
  }

  #draw(): void {
    const shape = JSON.stringify(this.#lines.map(({ name, color }) => [name, color]));
    if (shape === this.#shape && this.#plot !== undefined) this.#plot.setData(this.#data());
    else {
      this.#shape = shape;
      this.#rebuild();
    }
    this.#tell();
    this.#describe();
  }

  #data(): uPlot.AlignedData {
    const tables = this.#lines.map(({ x, y }): uPlot.AlignedData => [[...x], [...y]]);
    if (tables.length === 0) return [[], []];
    return tables.length === 1 ? tables[0]! : uPlot.join(tables);
  }

  #resize(): void {
    const width = this.#area.clientWidth;
    if (width > 0) this.#plot?.setSize({ width, height: HEIGHT });
  }

  #rebuild(): void {
    this.#plot?.destroy();
    const { isLog = false, range, tick = short } = this.#options;
    const axis = {
      stroke: color("--muted"),
      grid: { stroke: color("--grid"), width: 1 },
      ticks: { show: false },
      font: "12px system-ui, sans-serif",
    };
    const series = this.#lines.map(({ name, color: index, isDashed }) => ({
      label: name,
      stroke: color(`--run-${index}`),
      width: 2,
      dash: isDashed ? [6, 4] : [],
      spanGaps: true,
      points: { show: false },
    }));
    this.#plot = new uPlot(
      {
        width: this.#area.clientWidth || 300,
        height: HEIGHT,
        padding: [10, 12, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { setScale: false, x: false, y: false } },
        scales: {
          x: { time: false },
          y: {
            distr: isLog ? 3 : 1,
            ...range !== undefined
              ? { range: [...range] }
              : isLog
              ? { range: (_, least, most) => [least / 1.15, most * 1.15] }
              : {},
          },
        },
        axes: [
          { ...axis, size: 34 },
          {
            ...axis,
            size: 54,
            values: (_, marks) => marks.map((mark) => (mark === null ? "" : tick(mark))),
          },
        ],
        series: [{}, ...(series.length > 0 ? series : [{ label: "none" }])],
        hooks: { setCursor: [() => this.#tell()] },
      },
      this.#data(),
      this.#area,
    );
    this.#legend.replaceChildren(...this.#lines.map(({ name, color: index, isDashed }) =>
      el(
        "span",
        { class: "entry" },
        el("span", {
          class: `swatch run-${index}${isDashed ? " dashed" : ""}`,
          "aria-hidden": "true",
        }),
        `${name} `,
        el("output"),
      )
    ));
    this.#tell();
  }

  /** Tells who cannot see the chart what it shows. */
  #describe(): void {
    const { title, format } = this.#options;
    const latest = this.#lines.map(({ name, y }) =>
      `${name} ${y.length ? format(y.at(-1)!) : "–"}`
    );
    this.#area.setAttribute("aria-label", `${title}: ${latest.join(", ") || "nothing yet"}`);
  }

  /** Writes values into the legend: those at the pointer, else the last ones. */
  #tell(): void {
    const { format, x } = this.#options;
    const plot = this.#plot, at = plot?.cursor.idx ?? null;
    const outputs = this.#legend.querySelectorAll("output");
    const where = at === null ? undefined : plot?.data[0][at];
    setText(this.#where, where === undefined ? "" : `${x} ${Number(where.toFixed(3))}`);
    this.#lines.forEach(({ y }, i) => {
      const value = at === null ? y.at(-1) : plot?.data[i + 1]?.[at];
      if (outputs[i] !== undefined) setText(outputs[i], value == null ? "–" : format(value));
    });
    this.#figure.dataset.points = String(this.#lines.at(-1)?.x.length ?? 0);
  }
}
