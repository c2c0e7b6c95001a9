/**
 * Where the page's data comes from: it stands in the document, or the server sends it.
 *
 * @module
 */
import { apply } from "./state.js";

/** @typedef {import("../data.ts").LiveState} LiveState */
/** @typedef {"report" | "connecting" | "live" | "lost"} Connection */

/** Milliseconds until the next attempt to reach the server. */
const RETRY = 3000;

/**
 * Gets the data, now and as it changes.
 * @param {(state: LiveState | null, connection: Connection) => void} onChange
 */
export function connect(onChange) {
  const data = document.getElementById("data");
  if (data !== null) {
    onChange(JSON.parse(data.textContent ?? ""), "report");
    return;
  }
  /** @type {LiveState | null} */
  let state = null;
  /** @type {EventSource | null} */
  let events = null;
  let last = "";
  const open = () => {
    if (events !== null || document.hidden) return;
    const source = new EventSource(last === "" ? "events" : `events?last=${last}`);
    events = source;
    source.addEventListener("open", () => onChange(state, "live"));
    source.addEventListener("snapshot", (event) => {
      last = event.lastEventId;
      state = JSON.parse(event.data);
      onChange(state, "live");
    });
    source.addEventListener("patch", (event) => {
      last = event.lastEventId;
      if (state !== null) apply(state, JSON.parse(event.data));
      onChange(state, "live");
    });
    source.addEventListener("error", () => {
      onChange(state, "lost");
      if (source.readyState !== EventSource.CLOSED) return; // It tries again by itself.
      close();
      setTimeout(open, RETRY);
    });
  };
  const close = () => {
    events?.close();
    events = null;
  };
  // Browsers allow few connections: a page that nobody sees needs none.
  document.addEventListener("visibilitychange", () => document.hidden ? close() : open());
  onChange(null, "connecting");
  open();
}
