/**
 * Finds the saved name of each variable. A saved name is the variable's own, but a layer's weight
 * may have gained or lost a suffix since: tfjs appends `_1`, `_2`, … to "dense/kernel" where that
 * name is taken. Only names of layers ("layer/weight") do this; other names must be equal.
 *
 * Names that differ by such a suffix alone form a group. In a group as large as it was, the order
 * of the suffixes tells which is which; in one that grew or shrank, equal names do.
 *
 * @param saved names in the saved state that have not been given to a variable yet
 * @param current names of variables that have no state yet
 * @returns saved name by current name; names without a counterpart are missing
 * @throws {Error} if a group changed its size and not all its names are equal to saved ones
 */
export function matchNames(
  saved: readonly string[],
  current: readonly string[],
): Map<string, string> {
  const matches = new Map<string, string>();
  const savedGroups = groupBySuffix(saved);
  for (const [stem, names] of groupBySuffix(current)) {
    const olds = savedGroups.get(stem) ?? [];
    if (olds.length === names.length) {
      names.forEach((name, rank) => matches.set(name, olds[rank]!));
      continue;
    }
    const equal = names.filter((name) => olds.includes(name));
    if (equal.length < Math.min(olds.length, names.length)) {
      throw new Error(
        `Cannot tell which saved state belongs to which variable: saved were ` +
          `${olds.join(", ")}, now there are ${
            names.join(", ")
          }. Give the layers names of their own`,
      );
    }
    equal.forEach((name) => matches.set(name, name));
  }
  return matches;
}

/** Names by their stem, each group in the order of its suffixes. */
function groupBySuffix(names: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, { name: string; suffix: number }[]>();
  for (const name of names) {
    const [, stem, suffix] = /^(.*\/.*?)(?:_(\d+))?$/s.exec(name) ?? [undefined, name, undefined];
    const group = groups.get(stem!) ?? [];
    group.push({ name, suffix: suffix === undefined ? 0 : Number(suffix) });
    groups.set(stem!, group);
  }
  return new Map(
    [...groups].map(([stem, group]) => [
      stem,
      group.sort((a, b) => a.suffix - b.suffix).map(({ name }) => name),
    ]),
  );
}
