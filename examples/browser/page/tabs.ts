import { find } from "./elements.ts";

/** Makes tabs work: by clicks, by the arrows, Home and End; the address remembers which is open. */
export function makeTabs(list: Element): void {
  const tabs = [...list.querySelectorAll<HTMLElement>("[role=tab]")];
  const panelOf = (tab: HTMLElement) =>
    find(document, `#${tab.getAttribute("aria-controls")}`, HTMLElement);
  const open = (tab: HTMLElement): void => {
    for (const each of tabs) {
      const isOpen = each === tab;
      each.setAttribute("aria-selected", String(isOpen));
      each.tabIndex = isOpen ? 0 : -1;
      panelOf(each).hidden = !isOpen;
    }
    history.replaceState(null, "", `#${panelOf(tab).id}`);
    dispatchEvent(new Event("resize")); // Charts take their sizes.
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => open(tab));
    tab.addEventListener("keydown", ({ key }) => {
      const last = tabs.length - 1;
      const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: last }[key];
      if (to === undefined) return;
      const next = tabs[(to + tabs.length) % tabs.length]!;
      open(next);
      next.focus();
    });
  });
  const named = tabs.find((tab) => location.hash === `#${panelOf(tab).id}`);
  if (named !== undefined) open(named);
}
