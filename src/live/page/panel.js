/**
 * The frame around a chart: title, legend, buttons, the chart, and its numbers as a table in its
 * place.
 *
 * @module
 */
import { el, icon } from "./dom.js";

const TABLE = "M4 5h16v14H4zM4 10h16M4 15h16M10 10v9";
const DOWNLOAD = "M12 4v11M7 11l5 5 5-5M5 20h14";

/**
 * @typedef {object} Panel
 * @property {HTMLElement} element
 * @property {HTMLElement} legend
 * @property {HTMLElement} body Where the chart goes.
 * @property {HTMLElement} tools
 * @property {HTMLElement} where What the cursor is on.
 * @property {HTMLElement} readout What a keyboard user is told.
 * @property {() => boolean} isTable Whether the table is shown.
 */

/**
 * Makes a frame.
 * @param {string} id
 * @param {string} title
 * @param {{ table: () => HTMLTableElement, picture: () => HTMLCanvasElement | null }} content
 * what the buttons show and save
 * @returns {Panel & { renewTable: () => void }}
 */
export function newPanel(id, title, content) {
  const heading = `heading-${id.replace(/\W/g, "_")}`;
  const legend = el("div", { class: "legend" });
  const body = el("div", { class: "chart" });
  const readout = el("p", { class: "unseen", "aria-live": "polite" });
  const numbers = el("div", {
    class: "numbers",
    tabindex: "0",
    role: "region",
    "aria-label": `${title}, numbers`,
    hidden: true,
  });
  const toTable = el(
    "button",
    {
      class: "button quiet square",
      type: "button",
      "aria-pressed": "false",
      "aria-label": `${title} as a table`,
      title: "Show the numbers",
      click: () => {
        numbers.hidden = !numbers.hidden;
        body.hidden = legend.hidden = where.hidden = !numbers.hidden;
        toTable.setAttribute("aria-pressed", String(!numbers.hidden));
        renewTable();
      },
    },
    icon(TABLE),
  );
  const save = el(
    "button",
    {
      class: "button quiet square",
      type: "button",
      "aria-label": `Save ${title} as a PNG`,
      title: "Save as a PNG",
      click: () => savePicture(title, content.picture()),
    },
    icon(DOWNLOAD),
  );
  const where = el("span", { class: "where" });
  const tools = el("div", { class: "tools" }, toTable, save);
  const element = el(
    "section",
    { class: "card panel", "aria-labelledby": heading, "data-panel": id },
    el("header", {}, el("h2", { id: heading }, title), where, tools),
    legend,
    body,
    numbers,
    readout,
  );
  return {
    element,
    legend,
    body,
    tools,
    where,
    readout,
    renewTable,
    isTable: () => !numbers.hidden,
  };

  function renewTable() {
    if (!numbers.hidden) numbers.replaceChildren(content.table());
  }
}

/**
 * A button that is either pressed or not.
 * @param {string} text
 * @param {string} label
 * @param {(isPressed: boolean) => void} onChange
 */
export function toggle(text, label, onChange) {
  const button = el("button", {
    class: "button quiet",
    type: "button",
    "aria-pressed": "false",
    "aria-label": label,
    title: label,
    click: () => {
      const isPressed = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(isPressed));
      onChange(isPressed);
    },
  }, text);
  return button;
}

/**
 * A table of numbers.
 * @param {string} caption
 * @param {readonly string[]} heads
 * @param {readonly (readonly string[])[]} rows the first cell of each is its name
 */
export function table(caption, heads, rows) {
  return el(
    "table",
    {},
    el("caption", {}, caption),
    el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
    el(
      "tbody",
      {},
      ...rows.map(([name = "", ...cells]) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, name),
          ...cells.map((cell) => el("td", {}, cell)),
        )
      ),
    ),
  );
}

/**
 * Gives the viewer a file.
 * @param {string} name
 * @param {Blob} blob
 */
export function saveFile(name, blob) {
  const href = URL.createObjectURL(blob);
  el("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

/**
 * @param {string} title
 * @param {HTMLCanvasElement | null} canvas
 */
function savePicture(title, canvas) {
  const name = title.toLowerCase().replace(/\W+/g, "-");
  canvas?.toBlob((blob) => {
    if (blob !== null) saveFile(`${name}.png`, blob);
  });
}
