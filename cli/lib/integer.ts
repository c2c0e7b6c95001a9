import { message, type NonEmptyString, type ValueParser } from "@optique/core";
import { integer as parser } from "@optique/core/valueparser";

/** A whole number in a range. What is too great for one is told of in words of the command line. */
export function integer(
  range: { readonly metavar: NonEmptyString; readonly min?: number; readonly max?: number },
): ValueParser<"sync", number> {
  return parser({
    ...range,
    errors: { unsafeInteger: (input) => message`${input} is too great for a whole number.` },
  });
}
