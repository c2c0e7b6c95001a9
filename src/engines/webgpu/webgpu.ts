import { getBackend, type Tensor } from "@tensorflow/tfjs-core";
import { cannotLook, type Engine, type Work } from "../engine.ts";
import { bufferOf, flush, freshTensor, type GpuBackend, gpuBackend } from "./backend.ts";
import { contextOf } from "./context.ts";
import { GpuState } from "./page.ts";
import type { Job } from "./pass.ts";
import { list, planFor } from "./plan.ts";

/**
 * Printed WGSL on tfjs's own device: all small variables of a step in one dispatch, big ones bound
 * as they are, one submit, nothing read back.
 */
export const webgpu: Engine<GpuState> = {
  name: "webgpu",
  createState: (shape, slots, values) =>
    new GpuState(contextOf(requireGpu().device), shape, slots, values),
  step(work, limit) {
    const backend = requireGpu();
    const { device } = backend;
    const context = contextOf(device);
    const names = () => list(work.map(({ variable }) => variable.name));
    context.faults.throwIfAny(`update ${names()} with ${work[0]?.rule.name}`);
    for (const { state } of work) {
      if (state.context !== context) throw new Error(OTHER_DEVICE);
    }
    // Variables without elements have nothing to compute.
    const present = work.filter(({ state }) => state.size > 0);
    if (present.length === 0) return;

    const outputs: Tensor[] = [];
    try {
      const doing = () => `updating ${names()} with ${present[0]!.rule.name}`;
      const jobs = context.faults.guard(
        doing,
        () => present.map((item) => toJob(backend, item, outputs)),
      );
      flush(backend);
      const plan = context.faults.guard(doing, () => {
        const plan = planFor(context, jobs, limit);
        const encoder = device.createCommandEncoder();
        plan.encode(encoder, jobs);
        device.queue.submit([encoder.finish()]);
        return plan;
      });
      present.forEach(({ variable }, index) => variable.assign(outputs[index]!));
      plan.done(jobs);
    } finally {
      for (const output of outputs) output.dispose();
    }
  },
  firstNonFinite() {
    throw cannotLook();
  },
  async check() {
    const backend = gpuBackend();
    if (backend === undefined) return;
    const { faults } = contextOf(backend.device);
    await faults.settle();
    faults.throwIfAny("go on");
  },
};

/** "yes" if the webgpu engine can run on the current backend; else the reason. */
export function webgpuSupport(): string {
  return gpuBackend() === undefined ? `the ${getBackend()} backend is not tfjs's webgpu` : "yes";
}

const OTHER_DEVICE =
  "Cannot update: the optimizer's state is on another WebGPU device. Call `await " +
  "optimizer.offload()` before you change the device";

function toJob(backend: GpuBackend, work: Work<GpuState>, outputs: Tensor[]): Job {
  const output = freshTensor(backend, work.variable.shape);
  outputs.push(output);
  return {
    work,
    param: bufferOf(backend, work.variable),
    grad: bufferOf(backend, work.gradient),
    out: bufferOf(backend, output),
  };
}

function requireGpu(): GpuBackend {
  const backend = gpuBackend();
  if (backend === undefined) {
    throw new Error(`Cannot run the webgpu engine: ${webgpuSupport()}`);
  }
  return backend;
}
