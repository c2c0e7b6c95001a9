import { memory } from "@tensorflow/tfjs-core";
import { el, find, reasonOf, setText } from "./elements.ts";
import { OPTIMIZER_NAMES, type OptimizerName, OPTIMIZERS } from "./optimizers.ts";
import { short } from "./format.ts";
import type { Turns } from "./training.ts";

/** A training that has begun. */
export interface Session {
  readonly turns: Turns;
  /** Resolves when it has ended and all of its tensors are freed. */
  readonly done: Promise<void>;
}

/** What a training is begun with. */
export interface Choice {
  readonly optimizer: OptimizerName;
  readonly rate: number;
}

/** The settings of a section and its buttons. Of all sections one trains at a time. */
export class Controls {
  static #running: Controls | undefined;
  readonly #begin: (choice: Choice) => Session;
  readonly #pace: () => number;
  readonly #section: HTMLElement;
  readonly #optimizer: HTMLSelectElement;
  readonly #rate: HTMLInputElement;
  readonly #toggle: HTMLButtonElement;
  readonly #anew: HTMLButtonElement;
  readonly #problem: HTMLElement;
  #session: Session | undefined;

  /**
   * @param begin begins a training, or throws if it cannot be begun like this
   * @param pace what the learning rates that optimizers begin with are multiplied by
   */
  constructor(
    section: HTMLElement,
    begin: (choice: Choice) => Session,
    pace: () => number = () => 1,
  ) {
    this.#begin = begin;
    this.#pace = pace;
    this.#section = section;
    const form = find(section, "[data-part=settings]", HTMLFormElement);
    this.#optimizer = find(form, "[name=optimizer]", HTMLSelectElement);
    this.#rate = find(form, "[name=rate]", HTMLInputElement);
    this.#toggle = find(form, "[data-part=toggle]", HTMLButtonElement);
    this.#anew = find(form, "[data-part=anew]", HTMLButtonElement);
    this.#problem = find(form, "[data-part=problem]", HTMLElement);
    this.#optimizer.append(...OPTIMIZER_NAMES.map((name) => el("option", {}, name)));
    this.#optimizer.addEventListener("change", () => this.suggestRate());
    this.suggestRate();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#session === undefined) this.#start();
      else if (this.#session.turns.isPaused) this.#resume();
      else this.pause();
    });
    this.#anew.addEventListener("click", () => this.#startAnew());
  }

  get #chosen(): OptimizerName {
    return this.#optimizer.value as OptimizerName;
  }

  /** Fills in the learning rate that the optimizer begins with. */
  suggestRate(): void {
    this.#rate.value = short(OPTIMIZERS[this.#chosen].rate * this.#pace());
  }

  /** From now on a training can be begun. */
  enable(): void {
    this.#toggle.disabled = false;
  }

  /** Lets the training wait. */
  pause(): void {
    this.#session?.turns.pause();
    if (Controls.#running === this) Controls.#running = undefined;
    this.#show();
  }

  #resume(): void {
    this.#takeOver();
    this.#session?.turns.resume();
    this.#show();
  }

  #takeOver(): void {
    if (Controls.#running !== this) Controls.#running?.pause();
    Controls.#running = this;
  }

  #start(): void {
    this.#tell("");
    let session: Session;
    try {
      session = this.#begin({ optimizer: this.#chosen, rate: Number(this.#rate.value) });
    } catch (error) {
      this.#tell(reasonOf(error));
      return;
    }
    this.#session = session;
    this.#takeOver();
    this.#show();
    session.done.catch((error) => this.#tell(reasonOf(error))).finally(() => {
      this.#section.dataset.tensorsLeft = String(memory().numTensors);
      if (this.#session !== session) return;
      this.#session = undefined;
      this.#show();
    });
  }

  async #startAnew(): Promise<void> {
    const session = this.#session;
    this.#anew.disabled = true;
    session?.turns.end();
    await session?.done.catch(() => {}); // was told already
    this.#session = undefined;
    this.#start();
    this.#show();
  }

  #show(): void {
    const isPaused = this.#session?.turns.isPaused;
    setText(this.#toggle, isPaused === undefined ? "Start" : isPaused ? "Go on" : "Pause");
    this.#anew.disabled = this.#session === undefined;
  }

  #tell(problem: string): void {
    setText(this.#problem, problem);
    this.#problem.hidden = problem === "";
    this.#rate.setAttribute("aria-invalid", String(problem.includes("learningRate")));
  }
}
