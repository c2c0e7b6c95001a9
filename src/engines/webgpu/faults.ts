/**
 * Errors of a device. WebGPU reports them late and elsewhere: a failed call returns normally and its
 * buffers hold zeros. What comes in is kept here and thrown at the next occasion.
 */
export class Faults {
  #lost: string | undefined;
  #error: string | undefined;
  #pending = new Set<Promise<void>>();
  readonly #device: GPUDevice;
  readonly #onUncaptured = (event: Event): void => {
    const { error } = event as GPUUncapturedErrorEvent;
    this.#error ??= `${
      kindOf(error)
    } outside of this optimizer's own work: ${error.message.trim()}`;
  };

  constructor(device: GPUDevice) {
    this.#device = device;
    device.addEventListener("uncapturederror", this.#onUncaptured);
    device.lost.then(({ reason, message }) => {
      this.#lost = `the WebGPU device was lost (${reason}): ${message.trim()}`;
    });
  }

  /** Runs calls of the device; an error that they cause is kept together with what was done. */
  guard<T>(doing: string | (() => string), calls: () => T): T {
    const device = this.#device;
    for (const filter of SCOPES) device.pushErrorScope(filter);
    try {
      return calls();
    } finally {
      for (const _ of SCOPES) this.#await(device.popErrorScope(), doing);
    }
  }

  #await(scope: Promise<GPUError | null>, doing: string | (() => string)): void {
    const settled: Promise<void> = scope.then((error) => {
      if (error === null) return;
      const what = typeof doing === "string" ? doing : doing();
      this.#error ??= `${kindOf(error)} while ${what}: ${error.message.trim()}`;
    }, () => {/* a lost device has no scopes; `lost` tells */}).finally(() => {
      this.#pending.delete(settled);
    });
    this.#pending.add(settled);
  }

  /** Throws what has come in. An error is told once; a lost device stays lost. */
  throwIfAny(doing: string): void {
    const [lost, error] = [this.#lost, this.#error];
    this.#error = undefined;
    if (lost !== undefined) {
      throw new Error(
        `Cannot ${doing}: ${lost}. Start a new device, and load parameters and state again`,
      );
    }
    if (error !== undefined) {
      throw new Error(
        `Cannot ${doing}: the WebGPU device reported a ${error}. Parameters and state of that ` +
          `step may be wrong; load them again`,
      );
    }
  }

  /** Waits until everything that was submitted is done and its errors have come in. */
  async settle(): Promise<void> {
    await this.#device.queue.onSubmittedWorkDone().catch(() => {});
    await Promise.all(this.#pending);
    await Promise.resolve();
  }

  /** Stops listening. */
  dispose(): void {
    this.#device.removeEventListener("uncapturederror", this.#onUncaptured);
  }
}

/** What is caught; an internal error goes to the listener, like an error of somebody else. */
const SCOPES = ["out-of-memory", "validation"] as const;

function kindOf(error: GPUError): string {
  switch (error.constructor.name) {
    case "GPUOutOfMemoryError":
      return "lack of memory";
    case "GPUValidationError":
      return "validation error";
    default:
      return "device error";
  }
}
