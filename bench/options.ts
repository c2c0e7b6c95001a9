import { merge, object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { option } from "@optique/core/primitives";
import { string } from "@optique/core/valueparser";
import { selection } from "../cli/bench/options.ts";

/** The command line. */
export const parser = merge(
  object({
    quick: option("--quick", {
      description: message`Fewer sizes and shorter samples: under a minute.`,
    }),
  }),
  selection,
  object({
    peers: option("--peers", {
      description: message`PyTorch's optimizers in the same rounds, from Debian's python3-torch.`,
    }),
    json: optional(option("--json", string({ metavar: "FILE" }), {
      description: message`Also write all samples, versions and the date to a file.`,
    })),
    markdown: optional(option("--markdown", string({ metavar: "FILE" }), {
      description: message`Also write the tables to a file.`,
    })),
  }),
);

/** What the command line said. */
export type Options = InferValue<typeof parser>;
