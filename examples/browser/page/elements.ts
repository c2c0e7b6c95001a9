/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/** The element of a class that a selector finds. */
export function find<T extends Element>(
  root: ParentNode,
  selector: string,
  Class: { new (): T; readonly name: string },
): T {
  const element = root.querySelector(selector);
  if (element instanceof Class) return element;
  throw new Error(`There is no ${Class.name} ${selector}`);
}

/** Makes an element with attributes and a text or children. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Sets a text, if it is another one: a reader of the screen is told of changes alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A colour of the page's style, such as "--ink", in the present theme. */
export function color(name: string): string {
  const probe = el("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** Calls a function now, and whenever the colours change. */
export function onTheme(draw: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
}

/** What went wrong, for people. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
