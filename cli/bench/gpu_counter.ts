/** What was asked of a device while something ran. */
export interface GpuCounts {
  dispatches: number;
  submits: number;
  copies: number;
  copiedBytes: number;
  writes: number;
  writtenBytes: number;
  buffers: number;
  destroyed: number;
  bindGroups: number;
  pipelines: number;
  layouts: number;
  maps: number;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Counts calls of the WebGPU API while `body` runs. The calls themselves go through. */
export async function counting(body: () => Promise<void> | void): Promise<GpuCounts> {
  const counts: GpuCounts = {
    dispatches: 0,
    submits: 0,
    copies: 0,
    copiedBytes: 0,
    writes: 0,
    writtenBytes: 0,
    buffers: 0,
    destroyed: 0,
    bindGroups: 0,
    pipelines: 0,
    layouts: 0,
    maps: 0,
  };
  const undo: (() => void)[] = [];
  const watch = (prototype: object, name: string, note: (args: unknown[]) => void) => {
    const methods = prototype as Record<string, Method>;
    const original = methods[name]!;
    methods[name] = function (...args) {
      note(args);
      return original.apply(this, args);
    };
    undo.push(() => methods[name] = original);
  };
  watch(GPUComputePassEncoder.prototype, "dispatchWorkgroups", () => counts.dispatches++);
  watch(GPUQueue.prototype, "submit", () => counts.submits++);
  watch(GPUQueue.prototype, "writeBuffer", ([, , data]) => {
    counts.writes++;
    counts.writtenBytes += (data as ArrayBuffer).byteLength;
  });
  watch(GPUCommandEncoder.prototype, "copyBufferToBuffer", (args) => {
    counts.copies++;
    counts.copiedBytes += args.at(-1) as number;
  });
  watch(GPUDevice.prototype, "createBuffer", () => counts.buffers++);
  watch(GPUBuffer.prototype, "destroy", () => counts.destroyed++);
  watch(GPUBuffer.prototype, "mapAsync", () => counts.maps++);
  watch(GPUDevice.prototype, "createBindGroup", () => counts.bindGroups++);
  watch(GPUDevice.prototype, "createBindGroupLayout", () => counts.layouts++);
  watch(GPUDevice.prototype, "createComputePipeline", () => counts.pipelines++);
  try {
    await body();
  } finally {
    undo.reverse().forEach((restore) => restore());
  }
  return counts;
}
