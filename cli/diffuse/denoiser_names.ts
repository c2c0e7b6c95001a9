/** The networks of images. */
export const DENOISER_NAMES = ["mixer", "unet"] as const;

/** Name of a network of images. */
export type DenoiserName = typeof DENOISER_NAMES[number];
