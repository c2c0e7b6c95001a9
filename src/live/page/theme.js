/**
 * Light and dark: as the system has it, unless the viewer has chosen.
 *
 * @module
 */
import { el, icon } from "./dom.js";

/** @typedef {"auto" | "light" | "dark"} Theme */

const KEY = "signalfit-theme";
/** @type {readonly Theme[]} */
const THEMES = ["auto", "light", "dark"];
const ICONS = {
  auto: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  light:
    "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M5 19l1.4-1.4M17.6 6.4 19 5",
  dark: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
};

/**
 * The button that changes the theme.
 * @param {() => void} onChange called when colours have changed
 */
export function themeButton(onChange) {
  let theme = stored();
  const button = el("button", { class: "button quiet square", type: "button", click: next });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  apply();
  return button;

  function next() {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // A file may have no storage: the choice then lasts as long as the page.
    }
    apply();
    changed();
  }

  function changed() {
    known.clear();
    onChange();
  }

  function apply() {
    document.documentElement.dataset.theme = theme;
    button.replaceChildren(icon(ICONS[theme]));
    const label = `Colours: ${theme === "auto" ? "as the system" : theme}`;
    button.setAttribute("aria-label", label);
    button.title = label;
  }
}

/** @returns {Theme} */
function stored() {
  try {
    const value = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === value) ?? "auto";
  } catch {
    return "auto";
  }
}

/** Colours that are known, until the theme changes. @type {Map<string, string>} */
const known = new Map();

/**
 * The present value of a colour, by the name of its variable, as `rgb(…)`.
 * @param {string} name
 */
export function color(name) {
  const value = known.get(name) ?? computed(name);
  known.set(name, value);
  return value;
}

/** @param {string} name */
function computed(name) {
  const probe = el("span", { hidden: true });
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
