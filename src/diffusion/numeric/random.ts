/**
 * Seeded random numbers, uniform and normal.
 *
 * @internal
 */
export interface RandomStream {
  /** The next number, uniform in the open interval (0, 1). */
  uniform(): number;
  /** As many standard normal numbers, rounded to float32. */
  normals(count: number): Float32Array;
  /** The whole numbers below `count`, in random order. */
  permutation(count: number): Uint32Array;
}

/** What tells the streams of one seed apart: what the numbers are for. */
export const PURPOSE = {
  training: 0,
  validation: 1,
  sampling: 2,
  diagnostics: 3,
  projections: 4,
} as const;

/**
 * The random numbers of one occasion, such as one training batch. They depend on the three numbers
 * alone and not on what was drawn before, so that a run resumes where it stood by its counter.
 *
 * Chris Doty-Humphrey's sfc32 (passes PractRand), started from a hash of the three; normal numbers
 * by Marsaglia's polar method. The same on every machine up to the last bit of `Math.log`, which
 * JavaScript leaves open.
 *
 * @param seed a whole number >= 0
 * @param purpose tells streams of one seed apart
 * @param counter the occasion, a whole number >= 0
 */
export function randomStream(seed: number, purpose: number, counter: number): RandomStream {
  const [a, b, c] = mixed([seed, seed / 2 ** 32, purpose, counter, counter / 2 ** 32]);
  const state = Int32Array.of(a, b, c, 1);
  for (let i = 0; i < 12; i++) next(state);
  const uniform = (): number => ((next(state) >>> 0) + 0.5) / 2 ** 32;
  return {
    uniform,
    normals: (count) => fillNormals(state, new Float32Array(count)),
    permutation(count) {
      const order = Uint32Array.from({ length: count }, (_, i) => i);
      for (let i = count - 1; i > 0; i--) {
        const j = Math.floor(uniform() * (i + 1));
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      return order;
    },
  };
}

/**
 * Marsaglia's polar method. The generator is written out and its state held in variables: three times
 * faster than calling it, and a batch of images needs a hundred thousand numbers.
 */
function fillNormals(state: Int32Array, values: Float32Array): Float32Array {
  let a = state[0]!, b = state[1]!, c = state[2]!, counter = state[3]!;
  const n = values.length;
  for (let i = 0; i < n; i += 2) {
    let x = 0, y = 0, square = 0;
    do {
      let value = (a + b + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + value) | 0;
      x = value * 2 ** -31;
      value = (a + b + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + value) | 0;
      y = value * 2 ** -31;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const factor = Math.sqrt(-2 * Math.log(square) / square);
    values[i] = x * factor;
    if (i + 1 < n) values[i + 1] = y * factor;
  }
  state.set([a, b, c, counter]);
  return values;
}

/** One step of sfc32. */
function next(state: Int32Array): number {
  const a = state[0]!, b = state[1]!, c = state[2]!, counter = state[3]!;
  const value = (a + b + counter) | 0;
  state[3] = counter + 1;
  state[0] = b ^ (b >>> 9);
  state[1] = c + (c << 3);
  state[2] = ((c << 21) | (c >>> 11)) + value;
  return value;
}

/** Three words that each depend on all bits of all words, by MurmurHash3's steps. */
function mixed(words: readonly number[]): [number, number, number] {
  let hash = 0x9747b28c;
  const absorb = (word: number): void => {
    let k = Math.imul(word, 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    hash ^= k;
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  };
  for (const word of words) absorb(word >>> 0);
  const squeeze = (): number => {
    absorb(1);
    let h = hash;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return h ^ (h >>> 16);
  };
  return [squeeze(), squeeze(), squeeze()];
}
