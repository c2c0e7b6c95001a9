import {
  type InferValue,
  integer,
  message,
  object,
  option,
  optional,
  regExp,
  string,
} from "@optique/core";
import { type BackendName, BACKENDS } from "./backends.ts";
import type { Plan } from "./measure.ts";
import { sizeName, WORKLOADS } from "./workloads.ts";
import { listOf } from "./word_list.ts";

const SIZES: ReadonlyMap<string, number> = new Map(
  [...new Set(WORKLOADS.map(({ parameters }) => parameters))]
    .toSorted((a, b) => a - b)
    .map((size) => [sizeName(size), size]),
);

/** The command line. */
export const parser = object({
  quick: option("--quick", {
    description: message`Fewer sizes and shorter samples: under a minute.`,
  }),
  only: optional(option("--only", regExp({ metavar: "REGEX" }), {
    description:
      message`Only what matches, such as "^cpu one 1e4 sgdf": backend, workload, contestant.`,
  })),
  backend: optional(option("--backend", listOf("NAMES", BACKENDS.map(({ name }) => name)), {
    description: message`Backends, separated by commas; all that are there, if left out.`,
  })),
  peers: option("--peers", {
    description: message`PyTorch's optimizers in the same rounds, from Debian's python3-torch.`,
  }),
  sizes: optional(option("--sizes", listOf("NUMBERS", [...SIZES.keys()], bySize), {
    description: message`Numbers of parameters, separated by commas, such as "1e4,1e6".`,
  })),
  rounds: optional(option("--rounds", integer({ metavar: "N", min: 1 }), {
    description: message`Samples of each contestant, at most.`,
  })),
  json: optional(option("--json", string({ metavar: "FILE" }), {
    description: message`Also write all samples, versions and the date to a file.`,
  })),
  markdown: optional(option("--markdown", string({ metavar: "FILE" }), {
    description: message`Also write the tables to a file.`,
  })),
});

/** What the command line said. */
export type Options = InferValue<typeof parser>;

/** Sizes that are measured if none are asked for, where a backend is too slow for all. */
const OWN_SIZES: Readonly<Record<"quick" | "full", Partial<Record<BackendName, string[]>>>> = {
  quick: {
    cpu: ["6e3", "1e4", "1e5", "1e6"],
    wasm: ["6e3", "1e4", "1e5", "1e6"],
    webgpu: ["1e5"],
  },
  full: { webgpu: ["6e3", "1e4", "1e5", "1e6"] },
};

/** The sizes to measure on a backend, as numbers. */
export function sizesOf(
  { sizes, quick }: Pick<Options, "sizes" | "quick">,
  backend: BackendName,
): Set<number> {
  const names = sizes ?? OWN_SIZES[quick ? "quick" : "full"][backend] ?? [...SIZES.keys()];
  return new Set(names.map((name) => SIZES.get(name)!));
}

/** How long to measure. */
export function planOf({ quick, rounds }: Pick<Options, "quick" | "rounds">): Plan {
  return quick
    ? {
      rounds: rounds ?? 5,
      leastRounds: 2,
      sample: 4,
      deviceSample: 40,
      warmUp: 20,
      deviceWarmUp: 100,
      share: 100,
      hurry: 10,
    }
    : {
      rounds: rounds ?? 21,
      leastRounds: 3,
      sample: 12,
      deviceSample: 120,
      warmUp: 120,
      deviceWarmUp: 600,
      share: 1000,
      hurry: 1,
    };
}

function bySize(word: string): string {
  const size = Number(word);
  return size >= 1 && Number.isFinite(size) ? sizeName(size) : word;
}
