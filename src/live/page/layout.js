/**
 * Where the panels stand: in rows of twelve parts.
 *
 * @module
 */

/** Parts that a panel takes at least, by its name; four if it is not here. */
const PARTS = new Map([
  ["loss", 8],
  ["noise", 8],
  ["layers", 8],
  ["~lr", 3],
  ["~rate", 3],
  ["~bytes", 3],
  ["~tensors", 3],
]);
const WHOLE = 12;

/**
 * Gives each panel its parts, in order: as many panels in a row as fit, which share what is left.
 * @param {readonly string[]} names
 * @returns {number[]}
 */
export function partsOf(names) {
  /** @type {number[]} */
  const all = [];
  /** @type {number[]} */
  let row = [];
  const end = () => {
    let left = WHOLE - row.reduce((sum, parts) => sum + parts, 0);
    for (let i = 0; left > 0 && row.length > 0; i = (i + 1) % row.length, left--) {
      row[i] = (row[i] ?? 0) + 1;
    }
    all.push(...row);
    row = [];
  };
  names.forEach((name, i) => {
    const parts = PARTS.get(name) ?? 4, before = names[i - 1];
    const isNewKind = name.startsWith("~") && before !== undefined && !before.startsWith("~");
    if (isNewKind || row.reduce((sum, each) => sum + each, parts) > WHOLE) end();
    row.push(parts);
  });
  end();
  return all;
}
