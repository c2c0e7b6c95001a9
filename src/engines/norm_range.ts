/**
 * In float32 the square of a number above 1.8e19 overflows. Numbers above LARGE are therefore summed
 * apart, multiplied by DOWN first (Blue, ACM TOMS 4, 1978); neither sum of up to 2^28 squares leaves
 * the range then.
 */
export const LARGE: number = 2 ** 50;

/** What large numbers are multiplied by before they are squared. */
export const DOWN: number = 2 ** -90;
