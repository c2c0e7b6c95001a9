import { estimate, type Finding, findingOf, LEAST_PAIRS, TOO_FEW, verdictOf } from "./paired.ts";
import { leftOut, RANK_TIMES, type Settings, type TargetName, type WeightingName } from "./plan.ts";
import type { Outcomes } from "./report.ts";

/** What a floor must make up of the loss to dominate it. */
const DOMINATES = 0.9;

/** The rule behind all verdicts; it was fixed before the runs. */
export const RULE =
  "For each target, a mean paired difference beyond two standard errors, from at least three seeds, is " +
  "better or worse; anything else is undecided. A claim is reproduced if it holds for each target, " +
  "reproduced in part if for some and none speaks against it, and not reproduced otherwise; with fewer " +
  "seeds for any target it is not tested.";

/** A verdict on each claim of the paper, as a list. */
export function verdicts(
  outcomes: Outcomes,
  { checkpoints }: Settings,
  floor?: (target: TargetName) => number,
): string {
  const last = checkpoints.length - 1;
  const against = (weighting: WeightingName, other: WeightingName, at: number) =>
    outcomes.targets.filter((target) => leftOut({ target, weighting }) === undefined)
      .map((target): [string, Finding] => [
        target,
        findingOf(outcomes.change(target, weighting, other, at)),
      ]);
  const compared = (claim: string, weighting: WeightingName, other: WeightingName, at = last) =>
    line(claim, against(weighting, other, at));
  const noisy = RANK_TIMES.length - 1;
  return [
    compared("ERD improves over uniform", "erd", "uniform"),
    compared("ERD is better than Min-SNR", "erd", "min-snr"),
    compared("ERD is better than P2", "erd", "p2"),
    ...checkpoints.slice(0, -1).map((step, at) =>
      compared(`ERD converges sooner: better than uniform at ${step} batches`, "erd", "uniform", at)
    ),
    compared("This library's online mode improves over uniform", "online", "uniform"),
    ...floor === undefined ? [] : [dominated(outcomes, floor)],
    line(
      `Features lose rank with noise (t = ${RANK_TIMES[noisy]} against ${RANK_TIMES[0]}, uniform)`,
      outcomes.targets.map((target) => [
        target,
        findingOf(estimate(
          outcomes.of(target, "uniform").map(({ ranks }) => ranks[noisy]! - ranks[0]!),
        )),
      ]),
      { better: "falls", worse: "rises" },
    ),
    line(
      `ERD raises that rank at t = ${RANK_TIMES[noisy]}`,
      outcomes.targets.filter((target) => leftOut({ target, weighting: "erd" }) === undefined)
        .map((target) => {
          const [own, other] = outcomes.pairs(target, "erd", "uniform", (o) => o.ranks[noisy]!);
          return [target, findingOf(estimate(own.map((rank, i) => other[i]! - rank)))];
        }),
      { better: "raised", worse: "lowered" },
    ),
    "- FID on ImageNet with DiT and U-ViT: not testable at this scale.",
  ].join("\n");
}

function line(
  claim: string,
  findings: readonly (readonly [string, Finding])[],
  words: Readonly<Partial<Record<Finding, string>>> = {},
): string {
  const list = findings.map(([target, finding]) => `${target} ${words[finding] ?? finding}`).join(
    ", ",
  );
  return `- ${claim}: **${verdictOf(findings.map(([, finding]) => finding))}** (${list}).`;
}

function dominated(outcomes: Outcomes, floor: (target: TargetName) => number): string {
  const shares = outcomes.targets.map((target): [string, number] => {
    const excess = estimate(outcomes.of(target, "uniform").map((outcome) => outcome.excess!)).mean;
    return [target, floor(target) / (floor(target) + excess)];
  });
  const known = shares.filter(([, share]) => !Number.isNaN(share));
  const few = outcomes.targets.some((target) =>
    outcomes.of(target, "uniform").length < LEAST_PAIRS
  );
  const holds = known.every(([, share]) => share >= DOMINATES);
  const list = known.map(([target, share]) => `${target} ${(100 * share).toFixed(1)} %`).join(", ");
  return `- The loss is dominated by what no model can lower (at least ${100 * DOMINATES} % of ` +
    `uniform's loss): **${few ? TOO_FEW : holds ? "reproduced" : "not reproduced"}** (${list}).`;
}
