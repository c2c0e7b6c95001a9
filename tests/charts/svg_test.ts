import assert from "node:assert/strict";
import { xAxis, yAxis } from "../../src/charts/axes.ts";
import { linearScale } from "../../src/charts/scale.ts";
import { curve, line, svg, text } from "../../src/charts/svg.ts";
import { assertWellFormed } from "../examples/well_formed.ts";

const PLOT = { left: 80, right: 380, top: 20, bottom: 220 };

Deno.test("svg() is well formed, light and dark, and escapes what it is given", () => {
  const picture = svg({
    width: 400,
    height: 300,
    title: `a < b & "c"`,
    style: { both: ".x{opacity:1}", light: ".y{fill:red}", dark: ".y{fill:blue}" },
    body: [
      text("1 < 2 & 3", 10, 20.04, 'class="small"'),
      line("grid", [0, 1], [2.26, 3]),
      curve("color-0", [[0, 1], [NaN, 2], [3, Infinity], [4, 5.55]]),
      xAxis(linearScale([0, 10], [80, 380]), PLOT, { label: "x <1>" }),
      yAxis(linearScale([0, 1], [220, 20]), PLOT, {
        label: "y & z",
        format: (tick) => `<${tick}>`,
      }),
    ],
  });
  assertWellFormed(picture);
  assert.match(picture, /a &lt; b &amp; &quot;c&quot;<\/title>/);
  assert.match(picture, /<text x="10" y="20" class="small">1 &lt; 2 &amp; 3<\/text>/);
  assert.match(picture, /<line class="grid" x1="0" y1="1" x2="2.3" y2="3"\/>/);
  assert.match(picture, / d="M0,1L4,5.6"/, "points that are none are left out");
  assert.match(picture, /prefers-color-scheme:dark\)\{[^@]*\.y\{fill:blue\}/);
  assert.match(picture, />x &lt;1&gt;<.*>&lt;0.2&gt;<.*>y &amp; z</s);
});

Deno.test("axes stand at the edge of the plot", () => {
  const x = xAxis(linearScale([0, 10], [80, 380]), PLOT);
  assert.ok(x.includes('<line class="axis" x1="80" y1="220" x2="380" y2="220"/>'));
  assert.ok(x.includes('<text x="380" y="240" text-anchor="middle">10</text>'));
  const y = yAxis(linearScale([0, 1], [220, 20]), PLOT);
  assert.ok(y.includes('<line class="grid" x1="80" y1="20" x2="380" y2="20"/>'));
  assert.ok(y.includes('<text x="71" y="220" dy=".35em" text-anchor="end">0</text>'));
});
