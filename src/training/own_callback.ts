import * as tfl from "@tensorflow/tfjs-layers";

/** The class that every callback of this copy of tfjs-layers has among its own, and tfjs goes by. */
const BaseCallback = /* @__PURE__ */ Object.getPrototypeOf(tfl.Callback) as typeof tfl.Callback;

/**
 * A callback of tfjs-layers, as all of this library are. A fit that does not know it for one takes its hooks
 * for plain functions and calls them without it; the first to be called then says why.
 */
export abstract class OwnCallback extends tfl.Callback {
  /** Hides the hook of the class behind one that looks at who is calling. */
  constructor() {
    super();
    // deno-lint-ignore no-this-alias
    const own = this, { onTrainBegin } = this;
    Object.defineProperty(this, "onTrainBegin", {
      configurable: true,
      writable: true,
      async value(this: unknown, logs?: tfl.Logs): Promise<void> {
        if (this !== own) throw new Error(reasonFor(own, this));
        await onTrainBegin.call(own, logs as never);
      },
    });
  }
}

function reasonFor(callback: tfl.Callback, caller: unknown): string {
  const cannot = `Cannot run ${callback.constructor.name}: `;
  if (caller instanceof BaseCallback) {
    return cannot +
      "the list of callbacks must not begin with a plain object: tfjs then takes all of them for plain " +
      "objects. Put it into a list of its own, or make it a class that extends tf.Callback";
  }
  return cannot +
    "there are two copies of tfjs, and the model belongs to the other one. Install one version, such as " +
    "the newest, of every @tensorflow/tfjs package (`npm ls @tensorflow/tfjs-layers` shows them, " +
    "`npm dedupe` may do), and import all of them from the same place";
}
