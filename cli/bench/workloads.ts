/** The tensors that one step updates. */
export interface Workload {
  /** Short name, such as "sixty 1e5". */
  readonly name: string;
  readonly title: string;
  readonly shapes: readonly (readonly number[])[];
  /** Elements of all tensors together, exactly. */
  readonly parameters: number;
}

const LAYERS = 20;

/** All workloads, in the order in which they are timed. */
export const WORKLOADS: readonly Workload[] = [
  oneTensor(1e4),
  oneTensor(1e5),
  oneTensor(1e6),
  oneTensor(1e7),
  sixtyTensors(6e3),
  sixtyTensors(1e5),
  sixtyTensors(1e6),
];

/** A size as it is typed: 10000 is "1e4". */
export function sizeName(size: number): string {
  return size.toExponential().replace("e+", "e");
}

/** One vector. */
export function oneTensor(parameters: number): Workload {
  const size = sizeName(parameters);
  return {
    name: `one ${size}`,
    title: `One tensor, ${size} parameters`,
    shapes: [[parameters]],
    parameters,
  };
}

/**
 * Sixty tensors, as twenty layers have them: each a matrix [rows, width], a bias [width] and a scale
 * [width]. The width is the largest divisor of the total up to sqrt(total / 60), so that the total is
 * exact; the rows go to the matrices in the proportion 1 : 2 : 4 : 8 : 16, over and over, the
 * last one taking the remainder. With 1e6 parameters: width 125, rows 64 to 1039.
 */
export function sixtyTensors(parameters: number): Workload {
  let width = Math.floor(Math.sqrt(parameters / (3 * LAYERS)));
  while (parameters % width !== 0) width--;
  const rows = parameters / width - 2 * LAYERS;
  const weights = Array.from({ length: LAYERS }, (_, layer) => 2 ** (layer % 5));
  const whole = weights.reduce((a, b) => a + b);
  let left = rows;
  const shapes = weights.flatMap((weight, layer) => {
    const own = layer === LAYERS - 1 ? left : Math.floor(rows * weight / whole);
    left -= own;
    return [[own, width], [width], [width]];
  });
  const size = sizeName(parameters);
  return {
    name: `sixty ${size}`,
    title: `Sixty tensors, ${size} parameters in all`,
    shapes,
    parameters,
  };
}
