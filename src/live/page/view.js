/**
 * What the viewer has chosen to see: shared by all charts.
 *
 * @module
 */

/**
 * @typedef {object} View
 * @property {"step" | "time" | "level"} x What the horizontal axis is.
 * @property {number} smoothing What the running mean keeps at each point, in [0, 1).
 * @property {Set<string>} hidden Ids of runs that are not shown.
 * @property {[number, number] | null} range The part of the axis that is shown, or all.
 * @property {[number, number]} extent All of the axis, the same for every chart.
 * @property {(() => void)[]} listeners
 */

/** @returns {View} */
export function newView() {
  return {
    x: "step",
    smoothing: 0.6,
    hidden: new Set(),
    range: null,
    extent: [0, 1],
    listeners: [],
  };
}

/**
 * Changes a view and tells who listens.
 * @param {View} view
 * @param {Partial<Pick<View, "x" | "smoothing" | "range">>} change
 */
export function changeView(view, change) {
  if (change.x !== undefined && change.x !== view.x) view.range = null;
  Object.assign(view, change);
  for (const listener of view.listeners) listener();
}

/**
 * Shows or hides a run.
 * @param {View} view
 * @param {string} id
 * @param {boolean} isShown
 */
export function showRun(view, id, isShown) {
  if (isShown) view.hidden.delete(id);
  else view.hidden.add(id);
  changeView(view, {});
}

/**
 * The part of the axis that is shown.
 * @param {View} view
 */
export function shownRange({ range, extent }) {
  return range ?? extent;
}

/**
 * Zooms by a factor around a place, or the middle of what is shown.
 * @param {View} view
 * @param {number} factor less than 1 to see more closely
 * @param {number} [around]
 */
export function zoom(view, factor, around) {
  const all = view.extent, [from, to] = shownRange(view);
  const centre = around ?? (from + to) / 2;
  /** @type {[number, number]} */
  const range = [
    Math.max(all[0], centre - (centre - from) * factor),
    Math.min(all[1], centre + (to - centre) * factor),
  ];
  const isAll = range[0] <= all[0] && range[1] >= all[1];
  changeView(view, { range: isAll || !(range[1] > range[0]) ? null : range });
}
