import { randomStream } from "@signalfit/tfjs/parts";

/** Tells the order in which rows are divided apart from other uses of a seed. */
const PURPOSE = 0xc54;

/**
 * Which of some rows are learned from and which are kept for the test, in random order. It depends on
 * their number alone, not on any seed.
 *
 * @param count at least 2
 * @param share of the rows for the test, in (0, 1); one row at least, and not all
 */
export function divide(
  count: number,
  share: number,
): readonly [learned: Uint32Array, tested: Uint32Array] {
  const order = shuffled(count);
  const tested = Math.min(count - 1, Math.max(1, Math.round(share * count)));
  return [order.subarray(tested), order.subarray(0, tested)];
}

/** The numbers of some rows in an order that depends on how many there are. */
export function shuffled(count: number): Uint32Array {
  return randomStream(0, PURPOSE, 0).permutation(count);
}
