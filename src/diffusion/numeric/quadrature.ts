/** Inner nodes, each standing for its mirror image too, of the ten-point Gauss-Lobatto rule. */
const INNER: readonly (readonly [node: number, weight: number])[] = [
  [0.16527895766638703, 0.32753976118389744],
  [0.4779249498104445, 0.2920426836796838],
  [0.738773865105505, 0.22488934206312644],
  [0.9195339081664589, 0.13330599085107012],
];
/** Weight of either end, -1 and 1. */
const END = 1 / 45;

/** A panel is halved at most this often: then it is as narrow as float64 allows. */
const DEPTH = 48;
/** Accepted change of a panel's integral when it is halved, relative to the integral of |f|. */
const TOLERANCE = 2 ** -46;
/** Most halvings in all; reached only by a function that is noise on every scale. */
const HALVINGS = 2 ** 16;
/** In place of a and b, f is asked this far inside, relative to b - a. */
const INSIDE = 2 ** -52;

/**
 * The integral of f from a to b, by composite quadrature.
 *
 * The interval is cut into panels of ten points, and each panel is halved until that changes its
 * integral by no more than 2^-46 of the whole integral of |f|. The rule is Gauss-Lobatto's: with the
 * ends of every panel among its points, a kink or a jump just beside an end does not hide. Smooth
 * functions, kinks, jumps and integrable poles at a or b come out to about 1e-13 of the integral of
 * |f|; a peak much narrower than the first panels' points may be missed. On [0, 1] f is never asked
 * for at 0 or 1, where it may be infinite. The work is bounded for every f.
 *
 * @param panels how many panels to begin with
 */
export function integrate(f: (x: number) => number, a: number, b: number, panels = 32): number {
  const margin = (b - a) * INSIDE;
  const inside = (x: number): number => f(x === a ? a + margin : x === b ? b - margin : x);
  const edge = (i: number): number => i === panels ? b : a + (b - a) * i / panels;
  const size = (x: number): number => Math.abs(inside(x));
  const search: Search = { f: inside, scale: 0, halvings: HALVINGS };
  for (let i = 0; i < panels; i++) {
    search.scale += Math.abs(lobatto(size, edge(i), edge(i + 1)));
  }
  let sum = 0;
  for (let i = 0; i < panels; i++) {
    sum += refine(search, edge(i), edge(i + 1), lobatto(inside, edge(i), edge(i + 1)), DEPTH);
  }
  return sum;
}

interface Search {
  readonly f: (x: number) => number;
  /** The integral of |f| as far as it is known: a peak may come to light late. */
  scale: number;
  /** Halvings left. */
  halvings: number;
}

function refine(search: Search, a: number, b: number, coarse: number, depth: number): number {
  const middle = (a + b) / 2;
  const left = lobatto(search.f, a, middle), right = lobatto(search.f, middle, b);
  search.scale = Math.max(search.scale, Math.abs(left) + Math.abs(right));
  // Written so that a NaN ends the search.
  const changed = Math.abs(left + right - coarse) > TOLERANCE * search.scale;
  if (!changed || depth === 0 || --search.halvings < 0) return left + right;
  return refine(search, a, middle, left, depth - 1) + refine(search, middle, b, right, depth - 1);
}

/** The ten-point Gauss-Lobatto rule on [a, b]. */
function lobatto(f: (x: number) => number, a: number, b: number): number {
  const middle = (a + b) / 2, half = (b - a) / 2;
  let sum = END * (f(a) + f(b));
  for (const [node, weight] of INNER) {
    sum += weight * (f(middle - half * node) + f(middle + half * node));
  }
  return half * sum;
}
