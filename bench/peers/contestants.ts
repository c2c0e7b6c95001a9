import { type Contestant, HOST } from "../../cli/bench/contestants.ts";
import { FORMULAS } from "../../cli/bench/formulas.ts";
import type { Torch, TorchRule } from "./torch.ts";

/** Names of PyTorch's contestants. */
export const TORCH: Readonly<Record<TorchRule, string>> = {
  adam: "torch.optim.Adam",
  adamw: "torch.optim.AdamW",
  momentum: "torch.optim.SGD, momentum",
  sgdf: "SGDF in torch operations",
  adamf: "AdamF in torch operations",
};

/** PyTorch's contestants. They use no backend, and take part beside those that compute as they do. */
export function torchContestants(torch: Torch): Contestant[] {
  return (Object.keys(TORCH) as TorchRule[]).map((rule) => ({
    name: TORCH[rule],
    backends: HOST,
    formula: FORMULAS[rule],
    start: (inputs) => torch.trial(rule, inputs),
  }));
}
