import * as tfl from "@tensorflow/tfjs-layers";

/** Options of a run by name. */
export type Setting = Readonly<Record<string, string | number | undefined>>;

/** Keeps with a checkpoint what a run was started with, and refuses to go on with anything else. */
export class SameSetting extends tfl.Callback {
  readonly #setting: Setting;

  constructor(setting: Setting) {
    super();
    this.#setting = setting;
  }

  getState(): Setting {
    return this.#setting;
  }

  setState(saved: Setting): void {
    const names = new Set([...Object.keys(saved), ...Object.keys(this.#setting)]);
    for (const name of names) {
      if (saved[name] === this.#setting[name]) continue;
      throw new Error(
        `${name} was ${saved[name] ?? "not given"} when the run was begun, and is now ` +
          `${this.#setting[name] ?? "not given"}; go on with the former, or give another directory`,
      );
    }
  }
}
