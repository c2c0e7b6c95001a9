import { legend, panel } from "../../../src/charts/panel.ts";
import { svg, text } from "../../../src/charts/svg.ts";
import { type Experiment, gammaAndRate, GAMMAS, type Outcome, RATES } from "./plan.ts";
import { cellOf } from "./report.ts";

const WIDTH = 960, HEIGHT = 790;
const SIZE = { width: 372, height: 220 }, COLUMNS = [76, 556], ROWS = [156, 496];
/** A loss above this is as good as chance, and left out. */
const CHANCE = Math.log(10);

const STYLE = {
  both: `text{font-size:12px}.title{font-size:19px}.head{font-size:14px;font-weight:600}
.dot{stroke-width:0}.plain{stroke-dasharray:6 4}.sgd{stroke-dasharray:2 4}`,
  light:
    ".plain{stroke:#555}.dot.plain{fill:#555}.head{fill:#222}.dot.color-0{fill:#0067a8}.dot.color-1{fill:#c2410c}.dot.color-2{fill:#00785a}.dot.color-3{fill:#8a3f93}",
  dark:
    ".plain{stroke:#b0b4ba}.dot.plain{fill:#b0b4ba}.head{fill:#e6e6e6}.dot.color-0{fill:#5eb8ff}.dot.color-1{fill:#ff9a5c}.dot.color-2{fill:#3fd0a4}.dot.color-3{fill:#e39aec}",
};

/** Test loss over learning rate for each gamma, with right labels and with wrong ones, as SVG. */
export function choosingChart(outcomes: readonly Outcome[], subtitle: string): string {
  const title = "Which learning rate, which gamma";
  const plots = [0, 0.2].flatMap((wrong, row) =>
    (["sgdf", "adamf"] as const).map((name, column) => {
      const [left, top] = [COLUMNS[column]!, ROWS[row]!];
      const rates = RATES[name];
      return panel({
        title: name + (wrong === 0 ? "" : `, ${100 * wrong} % of the labels wrong`),
        xLabel: "learning rate",
        yLabel: "test loss",
        x: [rates[0] / 1.3, rates.at(-1)! * 1.3],
        xScale: "logarithmic",
        y: "logarithmic",
        curves: curvesOf(gammaAndRate(name, wrong), outcomes),
      }, { left, right: left + SIZE.width, top, bottom: top + SIZE.height });
    })
  );
  return svg({
    width: WIDTH,
    height: HEIGHT,
    title,
    description: "Test loss by learning rate; the numbers are in the tables of docs/choosing.md.",
    style: STYLE,
    body: [
      text(title, COLUMNS[0]!, 36, 'class="title"'),
      text(subtitle, COLUMNS[0]!, 60, 'class="small"'),
      legend(
        [
          ...GAMMAS.map((gamma, i) => ({ name: `gamma ${gamma}`, style: `color-${i}` })),
          { name: "no filter: momentum 0.9 (left), Adam (right)", style: "plain" },
          { name: "SGD", style: "plain sgd" },
        ],
        COLUMNS[0]!,
        86,
      ),
      ...plots,
    ],
  });
}

function curvesOf({ rows }: Experiment, outcomes: readonly Outcome[]) {
  return rows.map(({ name, choices }, at) => ({
    style: at < GAMMAS.length ? `color-${at}` : name === "sgd" ? "plain sgd" : "plain",
    points: choices.map((choice) => {
      const { mean } = cellOf(choice, outcomes).loss;
      return [choice.learningRate, mean < CHANCE ? mean : null] as const;
    }),
  }));
}
