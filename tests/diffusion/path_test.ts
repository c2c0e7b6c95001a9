import assert from "node:assert/strict";
import fc from "fast-check";
import { NOISE_PATHS, noisePath, type NoisePathKind } from "../../src/diffusion/noise/path.ts";
import { assertAllClose, assertClose, assertFails, golden, PATH_OF } from "./golden.ts";

interface FlowEntry {
  path: string;
  dtype: string;
  t: number[];
  alpha: number[];
  sigma: number[];
  d_alpha: number[];
  d_sigma: number[];
}

const time = fc.double({ min: 0, max: 1, noNaN: true });

for (const entry of golden<FlowEntry>("flow_weights")) {
  Deno.test(`noisePath - golden ${entry.path}`, () => {
    const points = entry.t.map(noisePath(PATH_OF[entry.path]!));
    assert.equal(entry.dtype, "float64");
    assertAllClose(points.map((p) => p.alpha), entry.alpha, 1e-9, "alpha");
    assertAllClose(points.map((p) => p.sigma), entry.sigma, 1e-9, "sigma");
    assertAllClose(points.map((p) => p.dAlpha), entry.d_alpha, 1e-9, "dAlpha");
    assertAllClose(points.map((p) => p.dSigma), entry.d_sigma, 1e-9, "dSigma");
  });
}

for (const entry of golden<FlowEntry>("flow_weights_edges_float32")) {
  Deno.test(`noisePath - golden float32 ends of ${entry.path}`, () => {
    const points = entry.t.map(noisePath(PATH_OF[entry.path]!));
    // Absolute: in float32 pi/2 is off by 4.4e-8, so that cos(pi/2), exactly 0 here, is not there.
    const absolute = 1e-7;
    assertAllClose(points.map((p) => p.alpha), entry.alpha, 1e-5, "alpha", absolute);
    assertAllClose(points.map((p) => p.sigma), entry.sigma, 1e-5, "sigma", absolute);
    assertAllClose(points.map((p) => p.dAlpha), entry.d_alpha, 1e-5, "dAlpha", absolute);
    assertAllClose(points.map((p) => p.dSigma), entry.d_sigma, 1e-5, "dSigma", absolute);
  });
}

Deno.test("noisePath - linear and cosine are exact at the ends", () => {
  for (const kind of ["linear", "cosine"] as const) {
    const start = noisePath(kind)(0), end = noisePath(kind)(1);
    assert.deepEqual([start.alpha, start.sigma, end.alpha, end.sigma], [1, 0, 0, 1], kind);
  }
});

Deno.test("noisePath - cosine preserves variance, and alpha keeps its accuracy near 1", () => {
  const path = noisePath("cosine");
  fc.assert(fc.property(time, (t) => {
    const { alpha, sigma } = path(t);
    assertClose(alpha ** 2 + sigma ** 2, 1, 4 * 2 ** -53, `t = ${t}`);
  }));
  const small = 2 ** -40;
  assertClose(path(1 - small).alpha, Math.PI / 2 * small, 1e-15, "alpha near pure noise");
});

Deno.test("noisePath - linear-logsnr has the log-snr it is named after", () => {
  for (const logSnrRange of [[-10, 10], [-4, 7], [-200, 200]] as const) {
    const path = noisePath("linear-logsnr", { logSnrRange });
    const [min, max] = logSnrRange;
    for (const t of [0, 0.1, 0.5, 0.93, 1]) {
      const { alpha, sigma } = path(t);
      assertClose(2 * Math.log(alpha / sigma), max + t * (min - max), 1e-13, `t = ${t}`, 1e-13);
      assertClose(alpha + sigma, 1, 2 ** -52, "sum");
    }
  }
});

Deno.test("noisePath - derivatives are those of the amplitudes", () => {
  fc.assert(fc.property(fc.constantFrom(...NOISE_PATHS), time, (kind, t) => {
    const own = noisePath(kind),
      numeric = noisePath((s) => {
        const { alpha, sigma } = own(s);
        return { alpha, sigma };
      });
    assertClose(numeric(t).dAlpha, own(t).dAlpha, 0, `dAlpha at ${t}`, 1e-10);
    assertClose(numeric(t).dSigma, own(t).dSigma, 0, `dSigma at ${t}`, 1e-10);
  }));
});

Deno.test("noisePath - snr falls with t on every path", () => {
  fc.assert(fc.property(fc.constantFrom(...NOISE_PATHS), time, time, (kind, s, t) => {
    const path = noisePath(kind), a = path(Math.min(s, t)), b = path(Math.max(s, t));
    assert.ok(a.alpha >= b.alpha && a.sigma <= b.sigma);
  }));
});

Deno.test("noisePath - an own path with and without derivatives", () => {
  const given = noisePath((t) => ({ alpha: 1 - t, sigma: t, dAlpha: -3, dSigma: 4 }))(0.5);
  assert.deepEqual(given, { alpha: 0.5, sigma: 0.5, dAlpha: -3, dSigma: 4 });
  const made = noisePath((t) => ({ alpha: (1 - t) ** 2, sigma: Math.sqrt(1 - (1 - t) ** 4) }));
  assertClose(made(0.3).dAlpha, -1.4, 1e-10, "dAlpha");
  const slope = 2 * 0.7 ** 3 / Math.sqrt(1 - 0.7 ** 4);
  assertClose(made(0.3).dSigma, slope, 1e-10, "dSigma");
  const rounded = noisePath((t) => ({ alpha: Math.fround(-4.4e-8), sigma: t }));
  assert.equal(rounded(1).alpha, 0, "a negative rounding error of float32 is 0");
});

Deno.test("noisePath - errors", () => {
  const create = "Cannot create a noise path: ";
  assertFails(
    () => noisePath("quadratic" as NoisePathKind),
    `${create}path must be "linear", "cosine" or "linear-logsnr", or a function of t, got "quadratic"`,
  );
  assertFails(
    () => noisePath("toString" as NoisePathKind),
    `${create}path must be "linear", "cosine" or "linear-logsnr", or a function of t, got "toString"`,
  );
  const rule = "logSnrRange must be [min, max] with -200 <= min < max <= 200";
  assertFails(
    () => noisePath("linear-logsnr", { logSnrRange: [10, -10] }),
    `${create}${rule}, got [10, -10]`,
  );
  assertFails(
    () => noisePath("linear-logsnr", { logSnrRange: [-201, 0] }),
    `${create}${rule}, got [-201, 0]`,
  );
  assertFails(
    () => noisePath("linear-logsnr", { logSnrRange: [NaN, 0] }),
    `${create}${rule}, got [NaN, 0]`,
  );
  assertFails(
    () => noisePath("cosine", { logSnrRange: [-5, 5] }),
    `${create}logSnrRange belongs to the path "linear-logsnr" alone, got [-5, 5]`,
  );
  for (const t of [1.2, -0.1, NaN, Infinity]) {
    for (const kind of NOISE_PATHS) {
      assertFails(
        () => noisePath(kind)(t),
        `Cannot evaluate the ${kind} path: t must be in [0, 1], got ${t}`,
      );
    }
    assertFails(
      () => noisePath(() => ({ alpha: 1, sigma: 1 }))(t),
      `Cannot evaluate the path: t must be in [0, 1], got ${t}`,
    );
  }
  const at = "Cannot evaluate the path at t = 0.5: ";
  const own = (level: unknown) => () =>
    noisePath(() => level as { alpha: number; sigma: number })(0.5);
  assertFails(
    own({ alpha: -0.1, sigma: 1 }),
    `${at}alpha must be a number in [0, 1e100], got -0.1`,
  );
  assertFails(own({ alpha: 1, sigma: NaN }), `${at}sigma must be a number in [0, 1e100], got NaN`);
  assertFails(own({ alpha: 1 }), `${at}sigma must be a number in [0, 1e100], got undefined`);
  assertFails(
    own({ alpha: 0, sigma: 0 }),
    `${at}alpha and sigma must not both be 0, got { alpha: 0, sigma: 0 }`,
  );
  assertFails(own(0.5), `${at}the noise level must be an object with alpha and sigma, got 0.5`);
  assertFails(
    own({ alpha: 1, sigma: 0, dAlpha: 1 }),
    `${at}dSigma must be a number in [-1e100, 1e100] (the flow target is made of it), got undefined`,
  );
  assertFails(
    own({ alpha: 1, sigma: 0, dAlpha: -Infinity, dSigma: 0 }),
    `${at}dAlpha must be a number in [-1e100, 1e100] (the flow target is made of it), got -Infinity`,
  );
});
