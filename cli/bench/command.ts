import { merge, object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { option } from "@optique/core/primitives";
import { path } from "@optique/run/valueparser";
import { type Command, defineCommand } from "../command.ts";
import { selection } from "./options.ts";

const parser = merge(
  selection,
  object({
    full: option("--full", {
      description: message`All sizes and longer samples: several minutes.`,
    }),
    out: optional(
      option("--out", path({ metavar: "FILE.md", extensions: [".md"], allowCreate: true }), {
        description: message`Also write the tables to a file.`,
      }),
    ),
    json: option("--json", {
      description: message`Print all samples and versions as one JSON document instead.`,
    }),
  }),
);

/** What the command line said. */
export type BenchOptions = InferValue<typeof parser>;

/** `signalfit bench`. */
export const bench: Command = defineCommand({
  name: "bench",
  brief: message`Times one optimizer step on this machine, in under a minute.`,
  description:
    message`Times one optimizer step of each engine beside TensorFlow.js's own optimizers and loops written by hand, after a check of every result against the formula in float64. The report is in Markdown, to be pasted into an issue. Ctrl-C prints the tables so far.`,
  parser,
  run: async (options, context) => {
    const { runBench } = await import("./run.ts");
    return await runBench(options, context);
  },
});
