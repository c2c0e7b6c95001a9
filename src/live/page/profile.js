/**
 * What is known by noise level, as lines over the level.
 *
 * @module
 */

/** @typedef {import("../data.ts").NoiseColumn} NoiseColumn */
/** @typedef {import("../data.ts").Run} Run */

/** @type {readonly ["recoverability" | "loss" | "weight", string][]} */
const LINES = [["recoverability", "R"], ["loss", "raw loss"], ["weight", "weight"]];

/**
 * A chart of the last measurement.
 * @param {Run} run
 * @param {NoiseColumn} column
 * @returns {import("./lines.js").Chart}
 */
export function profileOf(run, column) {
  const nothing = column.t.map(() => null);
  return {
    id: "profile",
    title: "Latest by noise level",
    label: "Value",
    unit: "number",
    lines: LINES.map(([name, label], color) => ({
      run,
      color,
      ink: `run-${color}`,
      label,
      kind: "batch",
      x: column.t,
      y: nothing,
      low: nothing,
      high: nothing,
      smooth: column[name],
      stride: 1,
    })),
  };
}
