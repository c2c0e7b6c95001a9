import { counting, type GpuCounts } from "./gpu_counter.ts";

/** What one step asks of a device. */
export type StepCounts = Pick<
  GpuCounts,
  "dispatches" | "submits" | "copies" | "copiedBytes" | "writes" | "writtenBytes" | "buffers"
>;

/** Steps to count: both gradients have their turn. */
const STEPS = 2;

/** Counts what a step asks of the device, once everything is warm; waiting is not counted. */
export async function countStep(
  begin: (steps: number) => void,
  finish: () => Promise<void>,
): Promise<StepCounts> {
  const counts = await counting(() => begin(STEPS));
  await finish();
  return {
    dispatches: counts.dispatches / STEPS,
    submits: counts.submits / STEPS,
    copies: counts.copies / STEPS,
    copiedBytes: counts.copiedBytes / STEPS,
    writes: counts.writes / STEPS,
    writtenBytes: counts.writtenBytes / STEPS,
    buffers: counts.buffers / STEPS,
  };
}
