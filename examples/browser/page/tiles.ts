import { el, setText } from "./elements.ts";

/** Tiles with a number each. */
export class Tiles<Name extends string> {
  readonly #values = new Map<Name, { value: HTMLElement; more: HTMLElement }>();

  /** @param titles the tiles' titles by name */
  constructor(list: HTMLElement, titles: Readonly<Record<Name, string>>) {
    for (const name of Object.keys(titles) as Name[]) {
      const value = el("span", { class: "value", "data-tile": name }, "–");
      const more = el("span", { class: "more" });
      list.append(el(
        "div",
        { class: "card tile" },
        el("dt", {}, titles[name]),
        el("dd", {}, value, more),
      ));
      this.#values.set(name, { value, more });
    }
  }

  /** Sets a number, and what stands below it. */
  set(name: Name, value: string, more = ""): void {
    const tile = this.#values.get(name)!;
    setText(tile.value, value);
    setText(tile.more, more);
  }
}
