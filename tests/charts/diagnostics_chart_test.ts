import assert from "node:assert/strict";
import { type ChartRecord, diagnosticsChart } from "../../src/charts/diagnostics_chart.ts";
import type { NoiseLevelReport } from "../../src/diffusion/diagnostics/diffusion_report.ts";

const NOTHING: NoiseLevelReport = {
  t: 0.5,
  alpha: 0.7,
  sigma: 0.7,
  loss: null,
  floor: null,
  variance: 1,
  recoverability: null,
  recoverabilityLimit: null,
  weight: null,
  outputRank: null,
  featureRank: null,
  ntk: null,
};

const TIMES = [0.25, 0.5, 0.75];

/** A record of three levels with everything in it. */
function full(epoch: number): ChartRecord {
  const level = (t: number): NoiseLevelReport => ({
    ...NOTHING,
    t,
    loss: 1 / 10 ** (4 * t) + 1 / (1 + epoch),
    floor: 1 / 10 ** (4 * t),
    recoverability: t,
    recoverabilityLimit: t + 0.1,
    weight: 2 * t,
    outputRank: 3,
    featureRank: 10 * t + epoch,
    ntk: { eigenvalues: [100, 10 * t, 0], effectiveRank: 1.1, conditionNumber: null },
  });
  return { epoch, levels: TIMES.map(level) };
}

/** Fails unless each element is closed where it was opened; gives the texts that are drawn. */
function checkXml(svg: string): string[] {
  const open: string[] = [], texts: string[] = [];
  for (const [, close, name, single, after] of svg.matchAll(/<(\/?)([\w]+)[^<>]*?(\/?)>([^<]*)/g)) {
    if (close) assert.equal(open.pop(), name);
    else if (!single) open.push(name!);
    if (!close && name === "text") texts.push(after!);
    assert.doesNotMatch(after!, /&(?!amp;|lt;|gt;|quot;)/);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity|null/);
  return texts;
}

/** The curves of a class, each a list of [x, y] in pixels with gaps left out. */
function curves(svg: string, style: string): number[][][] {
  return [...svg.matchAll(/<path class="curve ([^"]*)" d="([^"]*)"/g)]
    .filter(([, classes]) => classes === style)
    .map(([, , d]) => d!.split(/[ML]/).slice(1).map((point) => point.split(",").map(Number)));
}

const heads = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*class="head"[^>]*>([^<]*)/g)].map(([, title]) => title!);

Deno.test("diagnosticsChart - all that was recorded, with titles, axes and legends", () => {
  const svg = diagnosticsChart([full(1), full(5), full(9)], {
    title: 'a < b & "c"',
    subtitle: "s",
  });
  const texts = checkXml(svg);
  assert.deepEqual(heads(svg), [
    "Raw loss",
    "Recoverability R, and weight of the loss",
    "Effective rank of the features",
    "Neural tangent kernel, epoch 9",
  ]);
  const expected = [
    "a &lt; b &amp; &quot;c&quot;",
    ...["s", "epoch 1", "epoch 5", "epoch 9", "floor", "highest possible R", "weight, last epoch"],
    ...[
      "mean squared error",
      "R and weight",
      "effective rank",
      "eigenvalue",
      "t = 0.25",
      "t = 0.75",
    ],
  ];
  for (const text of expected) assert.ok(texts.includes(text), text);
  assert.match(svg, /<title id="title">a &lt; b/);
  assert.match(svg, /aria-labelledby="title description"/);
  assert.match(svg, /<desc id="description">After epoch 9, at t = 0.25: loss 0.200, floor 0.100, /);
  assert.match(svg, /prefers-color-scheme:dark/);
  assert.equal(curves(svg, "epoch-0").length, 3, "loss, R and rank");
  assert.equal(curves(svg, "epoch-2 last").length, 4, "and a kernel");
  assert.equal(curves(svg, "epoch-2 last dashed").length, 1);
  assert.equal(curves(svg, "epoch-2 last dotted").length, 1);
  assert.deepEqual([curves(svg, "floor").length, curves(svg, "weight").length], [2, 1]);
});

Deno.test("diagnosticsChart - points stand where their values say", () => {
  const svg = diagnosticsChart([full(1), full(9)]);
  const [floor, limit] = curves(svg, "floor") as [number[][], number[][]];
  // Evenly spaced times; the floor falls by a factor of ten each, on a logarithmic axis.
  for (const points of [floor, limit]) {
    const [a, b, c] = points as [number[], number[], number[]];
    assert.ok(Math.abs(b[0]! - a[0]! - (c[0]! - b[0]!)) <= 0.2);
    assert.ok(Math.abs(b[1]! - a[1]! - (c[1]! - b[1]!)) <= 0.2);
  }
  assert.ok(floor[2]![1]! > floor[0]![1]!, "less is lower");
  const [weight] = curves(svg, "weight") as [number[][]], [early] = curves(svg, "epoch-0").slice(1);
  // From zero: a weight of 2 t stands twice as high as an R of t, over the same axis.
  const zero = 2 * early![0]![1]! - weight![0]![1]!;
  assert.ok(Math.abs(zero - (2 * early![2]![1]! - weight![2]![1]!)) <= 0.4);
  const [kernel] = curves(svg, "epoch-1 last").slice(3);
  assert.equal(kernel!.length, 2, "an eigenvalue of 0 has no place");
});

Deno.test("diagnosticsChart - what was not measured is left out, and gaps are gaps", () => {
  const levels = TIMES.map((t) => ({ ...NOTHING, t, loss: t, outputRank: 3, recoverability: t }));
  const bare = diagnosticsChart([{ epoch: 1, levels }]);
  checkXml(bare);
  assert.deepEqual(heads(bare), ["Raw loss", "Recoverability R", "Effective rank of the outputs"]);
  assert.doesNotMatch(bare, /floor"|weight, last|highest/);
  const withRanks = diagnosticsChart([{
    epoch: 1,
    levels: levels.map((level) => ({ ...level, featureRank: 2 })),
  }]);
  assert.deepEqual(heads(withRanks).slice(2), [
    "Effective rank of the features",
    "Effective rank of the outputs",
  ]);
  const gap = [0.1, 0.2, 0.3, 0.4, 0.5].map((t, i) => ({
    ...NOTHING,
    t,
    loss: i === 2 ? null : t,
  }));
  const path = diagnosticsChart([{ epoch: 1, levels: gap }]).match(/ last" d="([^"]*)"/)![1]!;
  assert.deepEqual(path.match(/[ML]/g), ["M", "L", "M", "L"]);
  const nothing = diagnosticsChart([{ epoch: 1, levels: [NOTHING] }]);
  checkXml(nothing);
  assert.deepEqual(heads(nothing), []);
});

Deno.test("diagnosticsChart - six epochs of many, the first and the last among them", () => {
  const svg = diagnosticsChart(Array.from({ length: 40 }, (_, i) => full(i + 1)));
  const epochs = checkXml(svg).filter((text) => /^epoch \d/.test(text));
  assert.equal(epochs.length, 6);
  assert.deepEqual([epochs[0], epochs[5]], ["epoch 1", "epoch 40"]);
  // Times in any order give the same picture.
  const mixed = full(1).levels.toReversed();
  const turned = diagnosticsChart([{ epoch: 1, levels: mixed }]);
  assert.deepEqual(curves(turned, "floor"), curves(diagnosticsChart([full(1)]), "floor"));
});

Deno.test("diagnosticsChart - values over many decades, zeros and one point", () => {
  const ranges = [[1e-30, 1], [0, 0], [1e30, 1e33], [5, 5]] as const;
  for (const [low, high] of ranges) {
    const levels = [{ ...NOTHING, t: 0.2, loss: low, outputRank: low }, {
      ...NOTHING,
      t: 0.8,
      loss: high,
      outputRank: high,
    }];
    checkXml(diagnosticsChart([{ epoch: 0, levels }]));
  }
  checkXml(diagnosticsChart([{ epoch: 0, levels: [{ ...NOTHING, loss: 1 }] }]));
});

Deno.test("diagnosticsChart - no records are an error", () => {
  assert.throws(() => diagnosticsChart([]), /^RangeError: .* at least one record, got none$/);
});
