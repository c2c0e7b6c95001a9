import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type { LivePage, LivePageOptions } from "@signalfit/tfjs/live";
import { Progress, type ResumedTraining } from "@signalfit/tfjs";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode, UsageError } from "../exit_codes.ts";
import { backendName, startBackend } from "../lib/backend.ts";
import { fileInfo } from "../lib/file_info.ts";
import { note as noteTo } from "../lib/note.ts";
import { checkOutputs, type FileKind, PAGE, RUN_SETTINGS } from "../lib/outputs.ts";
import { resumeCommand } from "../lib/resume_command.ts";
import { checkSameRun, KeepSettings, type RunSettings } from "../lib/same_run.ts";
import { onStopNote } from "../lib/stop_note.ts";
import type { Team } from "@signalfit/tfjs/mpi";
import { checkTeamBackend, isFirst, shared, withoutFiles } from "../lib/team.ts";
import { writeJson } from "../lib/terminal.ts";
import { withLivePage } from "../lib/with_live_page.ts";
import { writeWhole } from "../lib/write_whole.ts";
import { type OptimizerName, resolveOptimizer } from "../train/optimizers.ts";
import type { DiffuseOptions } from "./command.ts";
import {
  type DiffusionData,
  fingerprintOf,
  firstOfEach,
  type ImageShape,
  isImage,
  loadData,
} from "./data.ts";
import { type DenoiserEntry, denoiserFor } from "./denoisers.ts";
import { gridOf, urlOf } from "./grid.ts";
import { Observer } from "./observer.ts";
import type { Outcome } from "./outcome.ts";
import { describe, type DiffuseResult, resultOf } from "./result.ts";
import { isResultsPage, resultsPage } from "./results_page.ts";
import { columnsOf, labelsOf, writeSamples } from "./samples.ts";
import { Session } from "./session.ts";
import { type Settings, titleOf, type WeightingName } from "./settings.ts";

/** Optimizers that are given the network's learning rate in the place of their own. */
const ADAMS: readonly OptimizerName[] = ["adamf", "adamw", "nadam", "radam", "adabelief"];

/** Images and points that are drawn if nothing else is asked for. */
const SAMPLES = { images: 40, points: 1000 };

/** Trains a diffusion model with each weighting, or goes on with them, and draws samples. */
export async function runDiffuse(
  given: DiffuseOptions,
  context: Context,
): Promise<ExitCode> {
  const { signal, stdout, stderr, team = null } = context, began = performance.now();
  const options = isFirst(team) ? given : { ...withoutFiles(given), results: undefined };
  const note = noteTo(stderr);
  const data = await loadData(options), { weightings, out } = options;
  if (options.results !== undefined && !isImage(data.shape)) {
    throw new UsageError("--results is for images, not for points");
  }
  const entry = denoiserFor(data.shape, options.model);
  const backend = await startBackend(options.backend, entry.kernels);
  note(`Backend: ${backendName(backend)}`);
  checkTeamBackend(team, backend.backend);
  const runs = weightings.map((weighting) => ({
    settings: settingsOf(options, weighting, entry),
    directory: join(out, "checkpoints", weighting),
  }));
  await checkPaths(options, runs.map(({ directory }) => directory));
  for (const { settings, directory } of runs) {
    await checkSameRun(directory, asRun(settings, data), options.resume);
  }
  const endNote = onStopNote(signal, stderr, null);
  let shown: Training | undefined;
  const pageOptions: LivePageOptions = {
    title: `${data.name} by diffusion`,
    erd: { report: () => shown!.session.report() },
    ...isImage(data.shape)
      ? { images: { sample: () => shown!.pictures(), range: [-1, 1] as const } }
      : {},
  };
  return await withLivePage(options, pageOptions, note, async (page) => {
    const results: DiffuseResult[] = [], outcomes: Outcome[] = [];
    for (const { settings, directory } of runs) {
      const training = shown = new Training(options, settings, entry, data, note, team);
      try {
        const { session } = training;
        if (results.length === 0) {
          note(
            `${data.name}: ${describe(data)}; ${entry.title} of ${session.parameters} parameters`,
          );
        }
        const title = titleOf(settings.weighting);
        if (runs.length > 1) note(`${title} (${results.length + 1} of ${runs.length})`);
        page?.nextRun(runs.length > 1 ? title : settings.weighting, session.stages);
        const files: Record<string, string> = { checkpoints: directory };
        if (options.report !== undefined) files.page = options.report;
        const { start, isDrawn } = await training.carryOut(
          directory,
          files,
          page,
          context,
          asRun(settings, data),
        );
        results.push(resultOf({
          data,
          settings,
          backend: backend.backend,
          session,
          resumedAt: start?.globalStep ?? 0,
          files,
          resume: isDrawn ? null : resumeCommand(),
        }));
        if (training.outcome !== undefined) outcomes.push(training.outcome);
        if (!isDrawn) break;
      } finally {
        training.session.dispose();
      }
    }
    const last = results.at(-1)!, isDone = !last.interrupted && !signal.aborted;
    if (isDone && options.results !== undefined) {
      const count = options.samples ?? SAMPLES.images, labels = labelsOf(data, count);
      const known = gridOf(
        firstOfEach(data, labels),
        data.shape as ImageShape,
        columnsOf(data, count),
      );
      await writeWhole(
        options.results,
        resultsPage({
          title: `${data.name} by diffusion`,
          setting: `${describe(data)}, ${settingWords(runs[0]!.settings, entry.title)}, ` +
            `backend: ${backend.backend}`,
          seconds: (performance.now() - began) / 1000,
          data: urlOf(known),
          isTested: data.test !== null,
          outcomes,
        }),
      );
      for (const { files } of results) Object.assign(files, { results: options.results });
    }
    if (isDone && options.checkpoints === "remove" && isFirst(team)) {
      for (const { directory } of runs) await removeCheckpoints(directory);
    }
    if (options.json) {
      writeJson(stdout, runs.length === 1 ? last : { runs: results, interrupted: !isDone });
    } else stdout.write(`${results.map((result) => words(result, runs.length > 1)).join("\n")}\n`);
    return isDone ? EXIT.ok : EXIT.interrupted;
  }).finally(endNote);
}

/** Removes all but the settings, which tell that what lies beside them is of a run of ours. */
async function removeCheckpoints(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name !== "run.json") await rm(join(directory, name), { recursive: true });
  }
}

/** One of the runs: a session, and what is noted of it on the way. */
class Training {
  readonly session: Session;
  readonly #options: DiffuseOptions;
  readonly #data: DiffusionData;
  readonly #observer: Observer | undefined;
  /** The samples drawn last. */
  #last: Float32Array | undefined;

  constructor(
    options: DiffuseOptions,
    settings: Settings,
    entry: DenoiserEntry,
    data: DiffusionData,
    note: (line: string) => void,
    team: Team | null,
  ) {
    this.#options = options;
    this.#data = data;
    const session = this.session = new Session(settings, entry, data, team);
    if (options.results === undefined) return;
    const { weighting, steps } = settings;
    this.#observer = new Observer({
      weighting,
      endOf: (stage) => session.endOf(stage),
      weightAt: (t) => session.erd.weightAt(t),
      look: async () => {
        const count = options.samples ?? SAMPLES.images;
        const values = this.#last = await this.draw(count);
        const grid = gridOf(values, data.shape as ImageShape, columnsOf(data, count));
        return { grid: urlOf(grid), heldOut: await session.measure() };
      },
      onSnapshot: ({ step, heldOut }) =>
        note(
          `${weighting.padEnd(8)} step ${String(step).padStart(String(steps).length)}/${steps} ` +
            `raw loss ${heldOut.loss.toFixed(4)} on ${data.test === null ? "the" : "test"} images`,
        ),
    });
  }

  /** What came of it, if that is noted. */
  get outcome(): Outcome | undefined {
    return this.#observer?.outcome;
  }

  /** Samples of each class in turn. */
  async draw(count: number, signal?: AbortSignal): Promise<Float32Array> {
    return await this.session.draw({
      labels: labelsOf(this.#data, count),
      method: this.#options.sampler,
      steps: this.#options.samplerSteps,
      ...signal && { signal },
    });
  }

  /** Samples for a live page: those that were drawn last, where some are drawn on the way. */
  async pictures(): Promise<tf.Tensor> {
    const shape = this.#data.shape as ImageShape;
    if (this.#observer === undefined) {
      return tf.tensor(await this.draw(PICTURES), [PICTURES, ...shape]);
    }
    const count = this.#options.samples ?? SAMPLES.images;
    return this.#last === undefined
      ? tf.fill([count, ...shape], -1)
      : tf.tensor(this.#last, [count, ...shape]);
  }

  /** Trains and, where that came to its end, draws samples and writes them. */
  async carryOut(
    directory: string,
    files: Record<string, string>,
    page: LivePage | null,
    { signal, stderr, team = null }: Context,
    run: RunSettings,
  ): Promise<{ readonly start: ResumedTraining | undefined; readonly isDrawn: boolean }> {
    const { session } = this, { resume } = this.#options;
    const { start, isDone } = await session.train({
      directory,
      resumes: resume,
      signal,
      keeper: new KeepSettings(directory, run),
      kept: this.#observer === undefined ? [] : [this.#observer],
      watchers: [
        ...stderr.isTerminal
          ? [new Progress({ output: stderr, batchesPerEpoch: session.stageSize })]
          : [],
        ...page === null ? [] : [page],
      ],
    });
    if (!isDone) return { start, isDrawn: false };
    // Rank 0 of a team draws; the others wait for how that ends.
    const isDrawn = isFirst(team) && await this.#write(files, signal);
    return { start, isDrawn: shared(team, isDrawn) };
  }

  /** Draws samples and writes them; false if that was stopped. */
  async #write(files: Record<string, string>, signal: AbortSignal): Promise<boolean> {
    const { weightings, out, samples: wanted } = this.#options, data = this.#data;
    const count = wanted ?? SAMPLES[isImage(data.shape) ? "images" : "points"];
    const samples = await this.draw(count, signal).catch((error) => {
      if (error !== signal.reason) throw error;
    });
    if (samples === undefined) return false;
    const suffix = weightings.length > 1 ? `-${this.session.weighting}` : "";
    Object.assign(files, await writeSamples(out, data, samples, suffix));
    return true;
  }
}

/** Anything of ours in a directory where a run of ours is; else a file is somebody's own. */
const SAMPLES_FILE: FileKind = {
  name: "of a run of signalfit diffuse",
  isOurs: () => false,
};

/** The page of what came out. */
const RESULTS: FileKind = { name: "a page of signalfit diffuse", isOurs: isResultsPage };

/** What is written must not be what is read, or somebody else's. */
async function checkPaths(
  { data, out, report, results, weightings }: DiffuseOptions,
  checkpoints: readonly string[],
): Promise<void> {
  const known = await Promise.all(checkpoints.map((path) => fileInfo(join(path, "run.json"))));
  const suffixes = weightings.length > 1 ? weightings.map((name) => `-${name}`) : [""];
  const names = suffixes.flatMap((suffix) =>
    ["png", "csv", "svg"].map((ending) => `samples${suffix}.${ending}`)
  ).concat("data.png");
  const isRun = known.some((info) => info !== undefined);
  await checkOutputs([
    { option: "--report", path: report, holds: PAGE },
    { option: "--results", path: results, holds: RESULTS },
    {
      option: "--out",
      path: out,
      holds: isRun ? {} : Object.fromEntries(names.map((name) => [name, SAMPLES_FILE])),
    },
    ...checkpoints.map((path) => ({
      option: "--out",
      path,
      holds: { "run.json": RUN_SETTINGS },
    })),
  ], [{ option: "--data", path: data === "mnist" ? undefined : data }]);
}

function settingsOf(
  options: DiffuseOptions,
  weighting: WeightingName,
  entry: ReturnType<typeof denoiserFor>,
): Settings {
  const { optimizer, path, emaDecay, seed } = options;
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

/** How it is trained, in a few words. */
function settingWords(settings: Settings, network: string): string {
  const { width, target, path, optimizer, optimizerOptions, steps, batchSize, seed } = settings;
  return `${network} of width ${width}, target ${target}, path ${path}, ` +
    `${optimizer} at ${optimizerOptions.learningRate}, ${steps} steps of ${batchSize}, seed ${seed}`;
}

/** Images on a live page. */
const PICTURES = 20;

const LABELS = {
  samples: "Samples",
  picture: "Picture",
  data: "Some of the data",
  results: "Samples and curves",
  page: "Page",
};

function words(result: DiffuseResult, isOneOfSeveral: boolean): string {
  const { interrupted, weighting, steps, loss, files, resume } = result;
  if (interrupted) {
    return `Stopped after ${steps} steps and saved in ${files.checkpoints}. To go on:\n  ${resume}`;
  }
  return [
    `${isOneOfSeveral ? `${weighting}: raw` : "Raw"} loss of the last steps ` +
    `${loss?.toPrecision(4)}, mean over noise levels (${steps} steps)`,
    ...Object.entries(LABELS).flatMap(([name, label]) =>
      files[name] === undefined ? [] : [`${label}: ${files[name]}`]
    ),
  ].join("\n");
}
