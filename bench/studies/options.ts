import { type InferValue, integer, message, object, option, optional, string } from "@optique/core";
import { DATA, TARGETS, WEIGHTINGS } from "./plan.ts";
import { listOf } from "../../cli/lib/word_list.ts";

/** The command line. */
export const parser = object({
  data: optional(option("--data", listOf("DATA", DATA), {
    description: message`Data sets, separated by commas; both, if left out.`,
  })),
  targets: optional(option("--targets", listOf("TARGETS", TARGETS), {
    description:
      message`Targets, separated by commas; all on the ring, all but flow on the digits.`,
  })),
  weightings: optional(option("--weightings", listOf("WEIGHTINGS", WEIGHTINGS), {
    description:
      message`Weightings, separated by commas; all, if left out. Uniform is always among them.`,
  })),
  seeds: optional(option("--seeds", integer({ metavar: "N", min: 1 }), {
    description: message`Seeds of each; 8 on the ring, 5 on the digits.`,
  })),
  steps: optional(option("--steps", integer({ metavar: "N", min: 4 }), {
    description: message`Training batches; 4000.`,
  })),
  quick: option("--quick", {
    description:
      message`Tiny networks, 2 seeds, 8 batches: shows that all works, and nothing else.`,
  }),
  out: optional(option("--out", string({ metavar: "FILE" }), {
    description:
      message`File of the outcomes, one a line; runs that are in it are not repeated. runs/erd_study.jsonl.`,
  })),
});

/** What the command line said. */
export type Options = InferValue<typeof parser>;
