import type { LiveHost } from "./host.ts";
import type { LiveState, Run, Series } from "./data.ts";
import { FORMAT, MOST_RUNS, MOST_SERIES } from "./page/state.js";
import { MOST_POINTS } from "./page/series.js";
import { emptyTrack } from "./page/track.js";

/**
 * The runs in a file of an earlier page, an export or a report, to be compared with.
 *
 * @throws {Error} if it cannot be read or is no such file, naming it and what is wrong
 */
export async function readEarlier({ fs }: LiveHost, path: string, index: number): Promise<Run[]> {
  try {
    const text = await fs.readFile(path, "utf8");
    const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(text)?.[1];
    return runsOf(JSON.parse(data ?? text), index);
  } catch (cause) {
    const reason = cause instanceof SyntaxError
      ? "it is no JSON, nor a report of a live page"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new Error(`Cannot compare with ${path}: ${reason}`, { cause });
  }
}

function runsOf(state: Partial<LiveState> | null, index: number): Run[] {
  if (state?.format !== FORMAT) refuse(`its format must be "${FORMAT}"`);
  const { runs } = state;
  if (!Array.isArray(runs) || runs.length > MOST_RUNS) {
    refuse(`it must have runs, ${MOST_RUNS} at most`);
  }
  return runs.map((run: Partial<Run> | null, i): Run => {
    const { name, started, elapsed, step, epoch, facts, series } = run ?? {};
    const isFact = (fact: unknown) =>
      Array.isArray(fact) && fact.length === 2 && fact.every((text) => typeof text === "string");
    const good = typeof name === "string" && Array.isArray(facts) && facts.every(isFact) &&
      Array.isArray(series) && series.length <= MOST_SERIES && series.every(isSeries);
    if (!good) refuse(`run ${i + 1} is damaged`);
    const numbers = [started, elapsed, step, epoch];
    if (!numbers.every(Number.isFinite)) refuse(`run ${i + 1} is damaged`);
    return {
      id: `earlier-${index + 1}-${i + 1}`,
      name: name!,
      status: "earlier",
      started: started!,
      elapsed: elapsed!,
      step: step!,
      epoch: epoch!,
      epochs: null,
      batches: null,
      facts: facts!,
      series: series!,
      noise: emptyTrack(),
      layers: emptyTrack(),
      grids: emptyTrack(),
      notices: [],
    };
  });
}

function isSeries(series: Partial<Series> | null): boolean {
  const { name, stride, x, y, low, high, rest } = series ?? {};
  const isList = (list: unknown, count: number | undefined): boolean =>
    Array.isArray(list) && list.length === count && list.length <= MOST_POINTS &&
    list.every((value) => value === null || Number.isFinite(value));
  const count = x?.length;
  const bounds = stride === 1 ? 0 : count;
  return typeof name === "string" && Number.isSafeInteger(stride) && stride! >= 1 &&
    isList(x, count) && !x!.includes(null as unknown as number) && isList(y, count) &&
    isList(low, bounds) && isList(high, bounds) &&
    (rest === null || typeof rest === "object" && Number.isFinite(rest.x));
}

function refuse(what: string): never {
  throw new Error(what);
}
