import { type InferValue, message, object, option, optional, withDefault } from "@optique/core";
import { choice, float, string, type ValueParser } from "@optique/core/valueparser";
import { integer } from "../lib/integer.ts";

/** Names separated by commas. */
export function names(): ValueParser<"sync", readonly string[]> {
  return {
    mode: "sync",
    metavar: "COLUMNS",
    placeholder: [],
    format: (list) => list.join(","),
    parse(input) {
      const list = input.split(",").map((name) => name.trim());
      return list.every((name) => name !== "")
        ? { success: true, value: list }
        : { success: false, error: message`${input} has an empty name.` };
    },
  };
}

/** The options that choose data. */
export const dataOptions = object("Data", {
  data: withDefault(
    option("--data", string({ metavar: "DATA" }), {
      description:
        message`mnist, iris, a directory with a folder of PNG or JPEG files for each class, or with the four IDX files of MNIST or of data in its format, gzipped or not, or a CSV file whose first row names the columns.`,
    }),
    "mnist",
  ),
  target: optional(
    option("--target", string({ metavar: "COLUMN" }), {
      description: message`Of a CSV file: the column to predict; the last one if left out.`,
    }),
  ),
  ignore: optional(
    option("--ignore", names(), {
      description: message`Of a CSV file: columns to leave out, separated by commas.`,
    }),
  ),
  task: optional(
    option("--task", choice(["classification", "regression"], { metavar: "TASK" }), {
      description:
        message`Of a CSV file: what to learn. If left out, a class where the target holds words or whole numbers, else a number.`,
    }),
  ),
  testSplit: optional(
    option("--test-split", share({ above: 0 }), {
      description:
        message`Of a table or folders of images: share of the rows that are kept for the test, 0.2 if left out. Which they are depends on no seed.`,
    }),
  ),
  validationSplit: withDefault(
    option("--validation-split", share(), {
      description:
        message`Share of the rows to learn from that are left out and looked at after each epoch.`,
    }),
    0,
  ),
  limit: optional(
    option("--limit", integer({ metavar: "N", min: 1 }), {
      description: message`Use only the first N rows to learn from.`,
    }),
  ),
});

/** What {@link dataOptions} gives. */
export type DataOptions = InferValue<typeof dataOptions>;

/** A number in [0, 1), or in (0, 1). */
function share({ above }: { readonly above?: 0 } = {}): ValueParser<"sync", number> {
  const number = float({ metavar: "SHARE", min: 0 });
  return {
    ...number,
    parse(input) {
      const parsed = number.parse(input);
      if (!parsed.success) return parsed;
      if (parsed.value >= 1) {
        return { success: false, error: message`A share is below 1, not ${input}.` };
      }
      return above === parsed.value
        ? { success: false, error: message`This share is above 0, not ${input}.` }
        : parsed;
    },
  };
}
