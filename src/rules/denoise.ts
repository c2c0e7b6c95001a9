import {
  filter,
  FILTER_SCALARS,
  FILTER_SLOTS,
  type FilterForm,
  type FilterHyper,
  type FilterScalar,
  filterScalars,
} from "./filter.ts";
import type { Rule } from "./rule.ts";

/** The filter by itself: what comes out in the parameter's place is the estimate of the gradient. */
export function denoise(form: FilterForm): Rule<FilterHyper, "m" | "s", FilterScalar> {
  return {
    name: "denoise",
    slots: FILTER_SLOTS,
    scalarNames: FILTER_SCALARS,
    scalars: (hyper, step) => filterScalars(form, hyper, step),
    update: (o, x) => {
      const { m, s, estimate } = filter(o, form, x);
      return { param: estimate, m, s };
    },
  };
}
