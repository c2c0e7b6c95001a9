/**
 * All that a page shows, as plain data, and how it changes. The server and each page hold one and
 * apply the same patches to it. It is also what an export and a report hold.
 *
 * @module
 */
import { addPoint, emptySeries } from "./series.js";
import { addItem, emptyTrack } from "./track.js";

/** What the data is marked with. */
export const FORMAT = "signalfit-live-1";

/** The most runs on a page; beyond, the oldest goes that is not training. */
export const MOST_RUNS = 32;
/** The most series in a run; others are left out. */
export const MOST_SERIES = 64;
/** The most columns of a heat map. */
export const MOST_COLUMNS = 240;
/** The most characters of pictures in a run. */
export const MOST_PIXELS = 3_000_000;
/** The most notices in a run. */
export const MOST_NOTICES = 20;

/** @typedef {import("../data.ts").LiveState} LiveState */
/** @typedef {import("../data.ts").Patch} Patch */
/** @typedef {import("../data.ts").Run} Run */

/**
 * Whether a run that stands so is not trained any more.
 * @param {import("../data.ts").Status} status
 */
export function isOver(status) {
  return ["finished", "stopped", "failed", "earlier"].includes(status);
}

/**
 * A page without runs.
 * @param {string} title
 * @param {boolean} canSave
 * @returns {LiveState}
 */
export function emptyState(title, canSave) {
  return { format: FORMAT, title, canSave, runs: [] };
}

/**
 * Changes a state.
 * @param {LiveState} state
 * @param {Patch} patch
 */
export function apply(state, patch) {
  if (patch.begin !== undefined) makeRoom(state).push(newRun(patch.run, patch.begin));
  const run = state.runs.find(({ id }) => id === patch.run);
  if (run === undefined) return;
  run.status = patch.status ?? run.status;
  run.elapsed = patch.elapsed ?? run.elapsed;
  run.step = patch.step ?? run.step;
  run.epoch = patch.epoch ?? run.epoch;
  run.epochs = patch.epochs ?? run.epochs;
  run.batches = patch.batches ?? run.batches;
  run.facts = patch.facts ?? run.facts;
  for (const [name, x, y] of patch.points ?? []) {
    const series = seriesOf(run, name);
    if (series !== undefined) x.forEach((step, i) => addPoint(series, step, y[i] ?? null));
  }
  const tooMany = (/** @type {unknown[]} */ { length }) => length > MOST_COLUMNS;
  if (patch.noise !== undefined) addItem(run.noise, patch.noise, tooMany);
  if (patch.layers !== undefined) addItem(run.layers, patch.layers, tooMany);
  if (patch.grid !== undefined) {
    addItem(
      run.grids,
      patch.grid,
      (grids) => grids.reduce((sum, { pixels }) => sum + pixels.length, 0) > MOST_PIXELS,
    );
  }
  if (patch.notice !== undefined) run.notices = [...run.notices, patch.notice].slice(-MOST_NOTICES);
}

/**
 * A series of a run by name, made where there is none yet.
 * @param {Run} run
 * @param {string} name
 */
function seriesOf(run, name) {
  const known = run.series.find((series) => series.name === name);
  if (known !== undefined || run.series.length >= MOST_SERIES) return known;
  const series = emptySeries(name);
  run.series.push(series);
  return series;
}

/** @param {LiveState} state */
function makeRoom(state) {
  if (state.runs.length >= MOST_RUNS) {
    const ended = state.runs.findIndex(({ status }) => isOver(status));
    state.runs.splice(Math.max(0, ended), 1);
  }
  return state.runs;
}

/**
 * @param {string} id
 * @param {{ name: string, started: number }} begin
 * @returns {Run}
 */
function newRun(id, { name, started }) {
  return {
    id,
    name,
    status: "running",
    started,
    elapsed: 0,
    step: 0,
    epoch: 0,
    epochs: null,
    batches: null,
    facts: [],
    series: [],
    noise: emptyTrack(),
    layers: emptyTrack(),
    grids: emptyTrack(),
    notices: [],
  };
}
