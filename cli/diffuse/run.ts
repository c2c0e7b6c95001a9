import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type { LivePageOptions } from "@signalfit/tfjs/live";
import { Progress } from "@signalfit/tfjs";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit_codes.ts";
import { fileInfo } from "../lib/file_info.ts";
import { backendName, startBackend } from "../lib/backend.ts";
import { note as noteTo } from "../lib/note.ts";
import { checkOutputs, type FileKind, PAGE, RUN_SETTINGS } from "../lib/outputs.ts";
import { resumeCommand } from "../lib/resume_command.ts";
import { checkSameRun, KeepSettings, type RunSettings } from "../lib/same_run.ts";
import { onStopNote } from "../lib/stop_note.ts";
import { writeJson } from "../lib/terminal.ts";
import { withLivePage } from "../lib/with_live_page.ts";
import { type OptimizerName, resolveOptimizer } from "../train/optimizers.ts";
import type { DiffuseOptions } from "./command.ts";
import { type DiffusionData, fingerprintOf, type ImageShape, isImage, loadData } from "./data.ts";
import { denoiserFor } from "./denoisers.ts";
import { describe, type DiffuseResult, resultOf } from "./result.ts";
import { labelsOf, writeSamples } from "./samples.ts";
import { Session } from "./session.ts";
import type { Settings } from "./settings.ts";

/** Optimizers that are given the network's learning rate in the place of their own. */
const ADAMS: readonly OptimizerName[] = ["adamf", "adamw", "nadam", "radam", "adabelief"];

/** Images and points that are drawn if nothing else is asked for. */
const SAMPLES = { images: 40, points: 1000 };

/** Trains a diffusion model, or goes on with one, and draws samples. */
export async function runDiffuse(
  options: DiffuseOptions,
  { signal, stdout, stderr }: Context,
): Promise<ExitCode> {
  const note = noteTo(stderr);
  const data = await loadData(options);
  const entry = denoiserFor(data.shape, options.model);
  const settings = settingsOf(options, entry);
  const backend = await startBackend(options.backend, entry.kernels);
  note(`Backend: ${backendName(backend)}`);
  const directory = join(options.out, "checkpoints");
  await checkPaths(options, directory);
  const run = asRun(settings, data);
  await checkSameRun(directory, run, options.resume);
  const session = new Session(settings, entry, data);
  const endNote = onStopNote(signal, stderr, null);
  try {
    note(`${data.name}: ${describe(data)}; ${entry.title} of ${session.parameters} parameters`);
    const draw = async (count: number, stop?: AbortSignal): Promise<Float32Array> =>
      await session.draw({
        labels: labelsOf(data, count),
        method: options.sampler,
        steps: options.samplerSteps,
        ...stop && { signal: stop },
      });
    return await withLivePage(options, pageOptions(data, session, draw), note, async (page) => {
      page?.nextRun(options.weighting, session.stages);
      const { start, isDone } = await session.train({
        directory,
        resumes: options.resume,
        keeper: new KeepSettings(directory, run),
        signal,
        watchers: [
          ...stderr.isTerminal
            ? [new Progress({ output: stderr, batchesPerEpoch: session.stageSize })]
            : [],
          ...page === null ? [] : [page],
        ],
      });
      const files: Record<string, string> = { checkpoints: directory };
      if (options.report !== undefined) files.page = options.report;
      let isDrawn = false;
      if (isDone) {
        const count = options.samples ?? SAMPLES[isImage(data.shape) ? "images" : "points"];
        const samples = await draw(count, signal).catch((error) => {
          if (error !== signal.reason) throw error;
        });
        isDrawn = samples !== undefined;
        if (samples) Object.assign(files, await writeSamples(options.out, data, samples));
      }
      const result = resultOf({
        data,
        settings,
        backend: backend.backend,
        session,
        resumedAt: start?.globalStep ?? 0,
        files,
        resume: isDrawn ? null : resumeCommand(),
      });
      if (options.json) writeJson(stdout, result);
      else stdout.write(`${words(result)}\n`);
      return isDrawn ? EXIT.ok : EXIT.interrupted;
    });
  } finally {
    endNote();
    session.dispose();
  }
}

/** Anything of ours in a directory where a run of ours is; else a file is somebody's own. */
const SAMPLES_FILE: FileKind = {
  name: "of a run of signalfit diffuse",
  isOurs: () => false,
};

/** What is written must not be what is read, or somebody else's. */
async function checkPaths(
  { data, out, report }: DiffuseOptions,
  checkpoints: string,
): Promise<void> {
  const isRun = (await fileInfo(join(checkpoints, "run.json"))) !== undefined;
  const names = ["samples.png", "data.png", "samples.csv", "samples.svg"];
  await checkOutputs([
    { option: "--report", path: report, holds: PAGE },
    {
      option: "--out",
      path: out,
      holds: isRun ? {} : Object.fromEntries(names.map((name) => [name, SAMPLES_FILE])),
    },
    { option: "--out", path: checkpoints, holds: { "run.json": RUN_SETTINGS } },
  ], [{ option: "--data", path: data === "mnist" ? undefined : data }]);
}

function settingsOf(
  options: DiffuseOptions,
  entry: ReturnType<typeof denoiserFor>,
): Settings {
  const { optimizer, weighting, path, emaDecay, seed } = options;
  const own = ADAMS.includes(optimizer) ? entry.learningRate : undefined;
  const rate = options.learningRate ?? own;
  return {
    model: entry.name,
    width: options.width ?? entry.width,
    steps: options.steps ?? entry.steps,
    batchSize: options.batchSize ?? entry.batchSize,
    weighting,
    target: options.target ?? entry.target,
    path,
    optimizer,
    optimizerOptions: resolveOptimizer(
      optimizer,
      rate === undefined ? {} : { learningRate: rate },
    ),
    emaDecay,
    seed,
  };
}

/** Everything that a resumed run must have in common with its beginning, by option. */
function asRun(settings: Settings, data: DiffusionData): RunSettings {
  return {
    "--data": `${data.name} (${fingerprintOf(data)})`,
    "--model": settings.model,
    "--width": settings.width,
    "--steps": settings.steps,
    "--batch-size": settings.batchSize,
    "--weighting": settings.weighting,
    "--target": settings.target,
    "--path": settings.path,
    "--optimizer": settings.optimizer,
    "--learning-rate": settings.optimizerOptions.learningRate as number,
    "--ema-decay": settings.emaDecay,
    "--seed": settings.seed,
  };
}

/** What a live page shows beside the losses. */
function pageOptions(
  data: DiffusionData,
  session: Session,
  draw: (count: number) => Promise<Float32Array>,
): LivePageOptions {
  const { shape } = data;
  const sample = async (): Promise<tf.Tensor> =>
    tf.tensor(await draw(PICTURES), [PICTURES, ...shape as ImageShape]);
  return {
    title: `${data.name} by diffusion`,
    erd: session.erd,
    ...isImage(shape) ? { images: { sample, range: [-1, 1] } } : {},
  };
}

/** Images on a live page. */
const PICTURES = 20;

function words({ interrupted, steps, loss, files, resume }: DiffuseResult): string {
  if (interrupted) {
    return `Stopped after ${steps} steps and saved in ${files.checkpoints}. To go on:\n  ${resume}`;
  }
  const LABELS = { samples: "Samples", picture: "Picture", data: "Some of the data", page: "Page" };
  return [
    `Raw loss of the last steps ${loss?.toPrecision(4)}, mean over noise levels (${steps} steps)`,
    ...Object.entries(LABELS).flatMap(([name, label]) =>
      files[name] === undefined ? [] : [`${label}: ${files[name]}`]
    ),
  ].join("\n");
}
