import { escapeText as escape } from "@signalfit/tfjs/parts";
import type { Grid, Outcome } from "./outcome.ts";
import type { NoiseBin } from "./held_out.ts";
import { levelChart } from "./level_chart.ts";
import { PAGE_STYLE } from "./page_style.ts";
import { titleOf } from "./settings.ts";

/** What the page shows. */
export interface PageContent {
  readonly title: string;
  /** What was trained, on what, how: a sentence. */
  readonly setting: string;
  /** Seconds in all, of this process. */
  readonly seconds: number;
  /** Images that were trained on. */
  readonly data: Grid;
  /** Whether the loss was measured on images that were not trained on. */
  readonly isTested: boolean;
  /** All with snapshots after the same steps. */
  readonly outcomes: readonly Outcome[];
}

/** What tells such a page from others. */
const GENERATOR = '<meta name="generator" content="signalfit diffuse"/>';

/** Whether a file that begins so is such a page. */
export function isResultsPage(head: string): boolean {
  return head.includes(GENERATOR);
}

/** Width of a grid in CSS pixels: three for each pixel of ten images of 14. */
const GRID_WIDTH = 447;

/** The results as one HTML page that loads nothing and runs nothing. */
export function resultsPage(content: PageContent): string {
  const { outcomes } = content, images = content.isTested ? "test images" : "the images";
  const title = escape(content.title);
  const steps = outcomes[0]?.snapshots.at(-1)?.step ?? 0;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
${GENERATOR}
<meta http-equiv="Content-Security-Policy" content="${CSP}"/>
<meta name="viewport" content="width=device-width"/>
<meta name="color-scheme" content="light dark"/>
<title>${title}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<h1>${title}</h1>
<p class="setting">${escape(content.setting)}</p>
<section>
<h2>Samples after ${steps} steps</h2>
<div class="grids large">
${outcomes.map(finalFigure).join("\n")}
${figure(content.data, "the data", "training images, brought to the same size")}
</div>
</section>
<section>
<h2>On the way there</h2>
<p>Averaged weights, from the same noise each time: the first samples of the seed, none left out.
Each column is a class.</p>
${outcomes.map(journey).join("\n")}
</section>
<section>
<h2>By noise level, after ${steps} steps</h2>
<p>On ${images}, with averaged weights and the same noise for all. R is the part of the target
that the denoiser recovers from its input.</p>
<div class="row">
${charts(outcomes)}
</div>
</section>
<section>
<h2>Raw loss on ${images}</h2>
${lossTable(outcomes)}
<p>${times(content)}</p>
</section>
</body>
</html>
`;
}

const CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

function figure({ url, width, height }: Grid, name: string, more: string): string {
  const high = Math.round(GRID_WIDTH * height / width);
  return `<figure><img src="${url}" width="${GRID_WIDTH}" height="${high}" ` +
    `alt="${escape(`${name}: ${more}`)}"/>` +
    `<figcaption><b>${escape(name)}</b> ${escape(more)}</figcaption></figure>`;
}

function finalFigure({ weighting, snapshots }: Outcome): string {
  const last = snapshots.at(-1);
  if (last === undefined) return "";
  return figure(
    last.grid,
    titleOf(weighting),
    `raw loss ${last.heldOut.loss.toFixed(4)}`,
  );
}

function journey({ weighting, snapshots }: Outcome): string {
  const grids = snapshots.map(({ step, grid }) => figure(grid, `${step}`, "steps"));
  return `<h3>${escape(titleOf(weighting))}</h3>\n<div class="grids">\n${grids.join("\n")}\n</div>`;
}

function charts(outcomes: readonly Outcome[]): string {
  const measured = (value: (bin: NoiseBin) => number) =>
    outcomes.map(({ weighting, snapshots }) => ({
      name: titleOf(weighting),
      points: (snapshots.at(-1)?.heldOut.bins ?? []).map((bin) => ({
        t: bin.t,
        value: value(bin),
      })),
    }));
  return [
    levelChart({
      title: "Raw loss",
      unit: "mean square, log scale",
      series: measured(({ loss }) => loss),
      isLog: true,
      holds: [],
    }),
    ...beside(outcomes),
    levelChart({
      title: "Recovered part R",
      unit: "R",
      series: measured(({ recovered }) => recovered),
      isLog: false,
      holds: [0, 1],
    }),
    levelChart({
      title: "Weight of the loss",
      unit: "weight, mean 1",
      series: outcomes.map(({ weighting, weights }) => ({
        name: titleOf(weighting),
        points: weights.map(({ t, weight }) => ({ t, value: weight })),
      })),
      isLog: false,
      holds: [0, 1],
    }),
  ].map((svg) => `<div class="chart">${svg}</div>`).join("\n");
}

/** The loss against that of the first weighting, if there is another one. */
function beside([first, ...others]: readonly Outcome[]): string[] {
  const bins = ({ snapshots }: Outcome) => snapshots.at(-1)?.heldOut.bins ?? [];
  if (first === undefined || others.length === 0) return [];
  const base = bins(first);
  const series = [first, ...others].map((outcome) => ({
    name: titleOf(outcome.weighting),
    points: bins(outcome).map(({ t, loss }, i) => ({ t, value: 100 * (loss / base[i]!.loss - 1) })),
  }));
  return [
    levelChart({
      title: `Raw loss beside ${titleOf(first.weighting)}`,
      unit: "change in %",
      series,
      isLog: false,
      holds: [0],
    }),
  ];
}

function lossTable(outcomes: readonly Outcome[]): string {
  const steps = outcomes[0]?.snapshots.map(({ step }) => step) ?? [];
  const head = outcomes.map(({ weighting }) => `<th>${escape(titleOf(weighting))}</th>`).join("");
  const rows = steps.map((step, i) => {
    const losses = outcomes.map(({ snapshots }) =>
      `<td>${snapshots[i]?.heldOut.loss.toFixed(4) ?? ""}</td>`
    );
    return `<tr><td>${step}</td>${losses.join("")}</tr>`;
  });
  return `<table>\n<thead><tr><th>steps</th>${head}</tr></thead>\n<tbody>\n${rows.join("\n")}` +
    `\n</tbody>\n</table>`;
}

function times({ outcomes, seconds }: PageContent): string {
  const each = outcomes.map(({ weighting, seconds: { training, looking } }) =>
    `${escape(titleOf(weighting))}: ${training.toFixed(0)} s of training, ` +
    `${looking.toFixed(0)} s of sampling and measuring`
  );
  return `${each.join("; ")}. In all ${seconds.toFixed(0)} s.`;
}
