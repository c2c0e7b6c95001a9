import type { CommonOptions } from "./common_options.ts";
import { FILTER_OPTIONS, type FilterOptions } from "./filter_options.ts";
import { flag, type OptionTable } from "../options/options.ts";
import { pure } from "../pure.ts";

/** Options of the optimizers whose first moment the filter can take over. */
export interface MomentOptions extends FilterOptions {
  /**
   * Whether the filter's estimate (see SGDF) takes the place of the gradient's corrected mean
   * `mhat = m / (1 - beta1^t)`. `gamma` and `varianceCorrection` are read with it alone; with a
   * growing gamma the estimate becomes mhat.
   * @default false
   */
  filter?: boolean;
}

/** The table entries that {@link MomentOptions} adds. */
export const MOMENT_OPTIONS: OptionTable<Omit<Required<MomentOptions>, keyof CommonOptions>> =
  /* @__PURE__ */ pure(() => ({
    ...FILTER_OPTIONS,
    filter: flag(false),
  }));
