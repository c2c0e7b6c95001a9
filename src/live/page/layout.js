/**
 * Where the panels stand: in rows of twelve parts.
 *
 * @module
 */

/** What panels take at least on a wide and on a middling page, by their names. */
const PARTS = new Map([
  ["loss", [8, 12]],
  ["noise", [8, 12]],
  ["layers", [8, 12]],
  ["~lr", [3, 6]],
  ["~rate", [3, 6]],
  ["~bytes", [3, 6]],
  ["~tensors", [3, 6]],
]);
const OTHERS = [4, 6];
const WHOLE = 12;

/** Widths of a window, in pixels, from which on it is middling and wide. */
const MIDDLING = 761, WIDE = 1181;

/**
 * Gives panels their order and their parts: as many in a row as fit, which share what is left. A row that
 * the next panel does not fit into takes a later one that does, so that nothing stands alone.
 * @param {readonly string[]} names
 * @param {number} width of the window
 * @returns {[name: string, parts: number][]}
 */
export function partsOf(names, width) {
  if (width < MIDDLING) return names.map((name) => [name, WHOLE]);
  const partOf = (/** @type {string} */ name) =>
    (PARTS.get(name) ?? OTHERS)[width < WIDE ? 1 : 0] ?? WHOLE;
  const isOwn = (/** @type {string} */ name) => name.startsWith("~");
  return [names.filter((name) => !isOwn(name)), names.filter(isOwn)].flatMap((kind) => {
    /** @type {[string, number][]} */
    const all = [];
    const left = [...kind];
    while (left.length > 0) {
      /** @type {[string, number][]} */
      const row = [];
      let room = WHOLE;
      for (let i = 0; i < left.length && room > 0;) {
        const name = left[i] ?? "", parts = partOf(name);
        if (parts > room) i++;
        else {
          row.push([name, parts]);
          left.splice(i, 1);
          room -= parts;
        }
      }
      for (let i = 0; room > 0; i = (i + 1) % row.length, room--) {
        const panel = row[i];
        if (panel !== undefined) panel[1]++;
      }
      all.push(...row);
    }
    return all;
  });
}
