/**
 * The data as files.
 *
 * @module
 */
import { saveFile } from "./panel.js";
import { pointsOf } from "./series.js";

/** @typedef {import("../data.ts").LiveState} LiveState */

/**
 * A row for each point: run, series, step, value, and the least and greatest value it stands for.
 * @param {LiveState} state
 */
export function csvOf(state) {
  const rows = state.runs.flatMap((run) =>
    run.series.flatMap((series) => {
      const { x, y, low, high } = pointsOf(series);
      const start = `${quoted(run.name)},${quoted(series.name.replace(/^~/, ""))}`;
      return x.map((step, i) => `${start},${step},${y[i] ?? ""},${low[i] ?? ""},${high[i] ?? ""}`);
    })
  );
  return ["run,series,step,value,low,high", ...rows, ""].join("\r\n");
}

/**
 * @param {string} text
 */
function quoted(text) {
  // A sheet would take what begins so for a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param {LiveState} state */
export function saveCsv(state) {
  saveFile(`${fileName(state)}.csv`, new Blob([csvOf(state)], { type: "text/csv" }));
}

/** @param {LiveState} state */
export function saveJson(state) {
  const text = JSON.stringify(state);
  saveFile(`${fileName(state)}.json`, new Blob([text], { type: "application/json" }));
}

/** @param {LiveState} state */
function fileName({ title }) {
  return title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "training";
}
