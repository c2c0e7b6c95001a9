/**
 * What a function makes. A constant that takes calls to make is written as
 * `const TABLE = /* @__PURE__ *\/ pure(() => …)`: a bundler then leaves it out where nobody uses it,
 * and with it all that it refers to.
 */
export function pure<Value>(make: () => Value): Value {
  return make();
}
