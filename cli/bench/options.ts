import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { option } from "@optique/core/primitives";
import { regExp } from "@optique/core/valueparser";
import { integer } from "../lib/integer.ts";
import type { BackendName } from "./backends.ts";
import type { Plan } from "./measure.ts";
import { sizeName, WORKLOADS } from "./workloads.ts";
import { listOf } from "../lib/word_list.ts";

/** What `--backend` knows; the backends themselves take a while to load. */
const BACKEND_NAMES: readonly BackendName[] = ["cpu", "wasm", "webgpu"];

const SIZES: ReadonlyMap<string, number> = new Map(
  [...new Set(WORKLOADS.map(({ parameters }) => parameters))]
    .toSorted((a, b) => a - b)
    .map((size) => [sizeName(size), size]),
);

/** Options that say what to measure. */
export const selection = object({
  only: optional(option("--only", regExp({ metavar: "REGEX" }), {
    description:
      message`Only what matches, such as "^cpu one 1e4 sgdf": backend, workload, contestant.`,
  })),
  backend: optional(option("--backend", listOf("NAMES", BACKEND_NAMES), {
    description: message`Backends, separated by commas; all that are there, if left out.`,
  })),
  sizes: optional(option("--sizes", listOf("NUMBERS", [...SIZES.keys()], bySize), {
    description: message`Numbers of parameters, separated by commas, such as "1e4,1e6".`,
  })),
  rounds: optional(option("--rounds", integer({ metavar: "N", min: 1 }), {
    description: message`Samples of each contestant, at most.`,
  })),
});

/** What is to be measured, and whether in a hurry. */
export interface Selection extends InferValue<typeof selection> {
  /** Fewer sizes and shorter samples. */
  readonly quick: boolean;
}

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
  { sizes, quick }: Pick<Selection, "sizes" | "quick">,
  backend: BackendName,
): Set<number> {
  const names = sizes ?? OWN_SIZES[quick ? "quick" : "full"][backend] ?? [...SIZES.keys()];
  return new Set(names.map((name) => SIZES.get(name)!));
}

/** How long to measure. */
export function planOf({ quick, rounds }: Pick<Selection, "quick" | "rounds">): Plan {
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
