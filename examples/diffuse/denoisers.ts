import type { DenoiserName } from "../../cli/diffuse/denoiser_names.ts";
import { type DenoiserEntry, ENTRIES } from "../../cli/diffuse/denoisers.ts";

/** The denoisers of images by name; the mixer trains for longer than the program's. */
export const DENOISERS: Readonly<Record<DenoiserName, DenoiserEntry>> = {
  mixer: { ...ENTRIES.mixer, steps: 2400 },
  unet: ENTRIES.unet,
};
