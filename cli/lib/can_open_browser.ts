import process from "node:process";
import { allowed } from "./permissions.ts";

/** Whether somebody sits here who can be shown a page: at a terminal and, under X11 or Wayland, a display. */
export function canOpenBrowser(): boolean {
  if (!process.stdout.isTTY) return false;
  if (["darwin", "win32"].includes(process.platform)) return true;
  return allowed("env", () => Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY), false);
}
