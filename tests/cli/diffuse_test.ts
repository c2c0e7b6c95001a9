import assert from "node:assert/strict";
import * as tfl from "@tensorflow/tfjs-layers";
import { decode, encode } from "fast-png";
import type { DiffusionData } from "../../cli/diffuse/data.ts";
import { denoiserFor } from "../../cli/diffuse/denoisers.ts";
import type { DiffuseResult } from "../../cli/diffuse/result.ts";
import { Session } from "../../cli/diffuse/session.ts";
import type { Settings } from "../../cli/diffuse/settings.ts";
import { resolveOptimizer } from "../../cli/train/optimizers.ts";
import { counts } from "../support/backends.ts";
import { uniform } from "../support/random.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { backendTest } from "../support/test.ts";
import { CTRL_C, onTerminal, signalfit } from "./program.ts";

/** A file of points on a line. */
async function writePoints(path: string): Promise<void> {
  const next = uniform(1);
  const rows = Array.from({ length: 64 }, () => {
    const x = next();
    return `${x},${100 + 20 * x + next()}\n`;
  });
  await Deno.writeTextFile(path, `x,"up, y"\n${rows.join("")}`);
}

const SMALL = ["--width", "8", "--batch-size", "16", "--sampler-steps", "4", "--backend", "cpu"];

Deno.test("diffuse: points; stopped by Ctrl-C, gone on with, then drawn from once more", async () => {
  await withTempDir(async (directory) => {
    const [points, out] = [`${directory}/points.csv`, `${directory}/run`];
    await writePoints(points);
    const args = ["diffuse", "--data", points, "--out", out, ...SMALL, "--steps", "60"];
    const line = `signalfit ${args.join(" ")} --seed 3`.replace("--steps 60", "--steps 1000000");
    const stopped = await onTerminal(line, {
      typed: { after: /batches\/s|samples\/s/, keys: CTRL_C },
    });
    assert.equal(stopped.code, 130, stopped.screen);
    assert.match(
      stopped.screen,
      /Stopped after \d+ steps and saved in .*checkpoints.erd\. To go on:/,
    );
    assert.match(stopped.screen, /deno run -A cli\/mod.ts diffuse --data .* --resume/);

    const other = await signalfit([...args, "--resume"]);
    assert.match(other.stderr, /--steps was 1000000, now 60; --seed was 3, now 1\n$/);
    assert.equal(other.code, 2);
    await Deno.remove(out, { recursive: true });

    const first = await signalfit([...args, "--samples", "10", "--json"]);
    assert.equal(first.code, 0, first.stderr);
    const result = JSON.parse(first.stdout) as DiffuseResult;
    assert.deepEqual([result.steps, result.interrupted, result.resume], [60, false, null]);
    assert.deepEqual([result.shape, result.count, result.target], [[2], 64, "v"]);
    assert.ok(result.loss! > 0 && result.levels.length > 10);
    const csv = await Deno.readTextFile(result.files.samples!);
    assert.match(csv, /^x,"up, y"\n(-?[\d.e-]+,-?[\d.e-]+\n){10}$/);
    for (const row of csv.trim().split("\n").slice(1)) {
      const up = Number(row.split(",")[1]); // in the units of the file
      assert.ok(up > 80 && up < 140, row);
    }
    assert.match(await Deno.readTextFile(result.files.picture!), /^<svg .*<\/svg>\n$/s);

    const refused = await signalfit(args);
    assert.match(refused.stderr, /^Error: |has checkpoints of another run: add --resume/);
    assert.equal(refused.code, 2);
    const again = await signalfit([...args, "--samples", "10", "--resume", "--json"]);
    assert.deepEqual(JSON.parse(again.stdout), { ...result, resumedAt: 60 });
    assert.equal(await Deno.readTextFile(result.files.samples!), csv, "the same samples");
  });
});

Deno.test("diffuse: pictures in colors, of two classes; a grid of samples and a page", async () => {
  await withTempDir(async (directory) => {
    for (const [group, level] of [["dark", 30], ["light", 220]] as const) {
      await Deno.mkdir(`${directory}/data/${group}`, { recursive: true });
      for (let i = 0; i < 8; i++) {
        const data = new Uint8Array(6 * 4 * 3).fill(level + i);
        const file = encode({ width: 6, height: 4, channels: 3, depth: 8, data });
        await Deno.writeFile(`${directory}/data/${group}/${i}.png`, file);
      }
    }
    const { code, stdout, stderr } = await signalfit([
      ...["diffuse", "--data", `${directory}/data`, "--out", `${directory}/run`, ...SMALL],
      ...["--steps", "5", "--samples", "6", "--report", `${directory}/page.html`],
    ]);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /16 images of 2 classes, 6 x 4 pixels in colors; patch mixer of \d+ param/,
    );
    assert.match(stdout, /^Raw loss of the last steps .*\(5 steps\)\nSamples: .*samples\.png\n/);
    const grid = decode(await Deno.readFile(`${directory}/run/samples.png`));
    assert.deepEqual([grid.width, grid.height, grid.channels], [
      11 * (2 * 7 - 1),
      11 * (3 * 5 - 1),
      3,
    ]);
    const known = decode(await Deno.readFile(`${directory}/run/data.png`));
    const pixelAt = (x: number) => [...known.data.slice(3 * x, 3 * x + 3)];
    assert.deepEqual([0, 65, 66, 76, 77, 142].map(pixelAt), [
      ...[30, 30, 96, 96, 220, 220].map((level) => [level, level, level]),
    ], "six pixels of an image, a line and the next image, each eleven times as wide");
    assert.match(await Deno.readTextFile(`${directory}/page.html`), /data by diffusion/);
  });
});

/** Images of noise. */
function noise(): DiffusionData {
  const next = uniform(2), count = 24;
  return {
    name: "noise",
    shape: [4, 4, 1],
    count,
    values: Float32Array.from({ length: count * 16 }, () => 2 * next() - 1),
    labels: Uint16Array.from({ length: count }, (_, i) => i % 3),
    classes: ["0", "1", "2"],
    columns: [],
    test: null,
  };
}

const SETTINGS: Settings = {
  model: "mixer",
  width: 4,
  steps: 14,
  batchSize: 8,
  weighting: "online",
  target: "x0",
  path: "cosine",
  optimizer: "adamf",
  optimizerOptions: resolveOptimizer("adamf", { learningRate: 0.01 }),
  emaDecay: 0.9,
  seed: 5,
};

/** Ends a training after so many batches. */
class StopAfter extends tfl.Callback {
  #left: number;
  readonly #stop: AbortController;
  constructor(batches: number, stop: AbortController) {
    super();
    this.#left = batches;
    this.#stop = stop;
  }
  override onBatchBegin(): Promise<void> {
    if (--this.#left === 0) this.#stop.abort();
    return Promise.resolve();
  }
}

backendTest(
  "diffuse: a run that was stopped ends like one that was not, and leaks nothing",
  "cpu",
  async () => {
    const data = noise(), before = counts();
    const drawing = { labels: Uint16Array.of(0, 1, 2), method: "heun", steps: 3 } as const;
    const run = async (
      directory: string,
      stopAfter?: number,
    ): Promise<Float32Array | undefined> => {
      const session = new Session(SETTINGS, denoiserFor(data.shape, "mixer"), data);
      try {
        const stop = new AbortController();
        const { isDone } = await session.train({
          directory,
          resumes: true,
          signal: stop.signal,
          watchers: stopAfter === undefined ? [] : [new StopAfter(stopAfter, stop)],
        });
        assert.equal(isDone, stopAfter === undefined);
        assert.equal(session.steps, stopAfter === undefined ? 14 : stopAfter);
        return isDone ? await session.draw(drawing) : undefined;
      } finally {
        session.dispose();
      }
    };
    await withTempDir(async (directory) => {
      const straight = await run(`${directory}/a`);
      assert.equal(await run(`${directory}/b`, 5), undefined);
      const resumed = await run(`${directory}/b`);
      assert.deepEqual(resumed, straight);
      assert.equal(new Set(straight).size > 10, true);
    });
    assert.deepEqual(counts(), before);
  },
);

Deno.test("denoiserFor: what does not go with the data is refused", () => {
  assert.throws(() => denoiserFor([2], "mixer"), /--model mixer is for images, not for points/);
  assert.throws(() => denoiserFor([5, 4, 1], "unet"), /even sides, which are halved, not 5 x 4/);
  assert.equal(denoiserFor([5, 4, 1], undefined).name, "mixer");
  assert.equal(denoiserFor([6, 4, 3], "unet").name, "unet");
});

backendTest(
  "diffuse: the U-Net and the mixer give images of the shape that they get",
  "cpu",
  () => {
    for (const name of ["mixer", "unet"] as const) {
      for (const classes of [1, 3]) {
        const shape = [4, 6, 3] as const;
        const model = denoiserFor(shape, name).build({ shape, classes, width: 4, seed: 1 });
        assert.deepEqual(model.outputs[0]!.shape, [null, 4, 6, 3]);
        assert.equal(model.inputs.length, classes > 1 ? 3 : 2);
        model.dispose();
      }
    }
  },
);
