/** What lockstep.ts uses of node:assert/strict: in the browser, the page's import map puts it there. */
export default {
  equal(actual: unknown, expected: unknown): void {
    if (!Object.is(actual, expected)) throw new Error(`${actual} instead of ${expected}`);
  },
  fail(message: string): never {
    throw new Error(message);
  },
};
