import type * as tfl from "@tensorflow/tfjs-layers";
import { fileSystem } from "../io/file_system.ts";

/**
 * Saves a model that a viewer stops: into a directory, with its optimizer, or in another way. Never throws;
 * gives what the page is to tell.
 */
export async function saveStopped(
  model: tfl.LayersModel,
  checkpoint: string | ((model: tfl.LayersModel) => unknown),
): Promise<{ readonly isSaved: boolean; readonly text: string }> {
  try {
    if (typeof checkpoint === "function") {
      await checkpoint(model);
      return { isSaved: true, text: "Saved a checkpoint" };
    }
    await model.save(fileSystem(checkpoint), { includeOptimizer: true });
    return { isSaved: true, text: `Saved a checkpoint in ${checkpoint}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    return {
      isSaved: false,
      text: `Not stopped, because no checkpoint could be saved: ${reason}`,
    };
  }
}
