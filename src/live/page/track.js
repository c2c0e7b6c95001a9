/**
 * A bounded list of things that come one after the other, such as the pictures of each epoch: when
 * it is full, every second one goes, and of what comes later every second, fourth … one stays.
 *
 * @module
 */

/**
 * @template Item
 * @typedef {import("../data.ts").Track<Item>} Track
 */

/**
 * A track without items.
 * @template Item
 * @returns {Track<Item>}
 */
export function emptyTrack() {
  return { stride: 1, seen: 0, items: [], latest: null };
}

/**
 * Adds an item.
 * @template Item
 * @param {Track<Item>} track
 * @param {Item} item
 * @param {(items: Item[]) => boolean} isFull Whether these are too many.
 */
export function addItem(track, item, isFull) {
  track.latest = item;
  if (track.seen++ % track.stride !== 0) return;
  track.items.push(item);
  while (track.items.length > 1 && isFull(track.items)) {
    track.items = track.items.filter((_, i) => i % 2 === 0);
    track.stride *= 2;
  }
  if (track.items.at(-1) === item) track.latest = null;
}

/**
 * The items that are kept and the last one.
 * @template Item
 * @param {Track<Item>} track
 * @returns {Item[]}
 */
export function itemsOf({ items, latest }) {
  return latest === null ? items : [...items, latest];
}
