/**
 * What a function makes. A constant that takes calls to make is written as a call of this, with the
 * note that bundlers know before it, as everywhere here: one that nobody uses is then left out, and
 * with it all that it refers to.
 */
export function pure<Value>(make: () => Value): Value {
  return make();
}
