/**
 * A chart with its title and legend as a picture to keep.
 *
 * @module
 */
import { color } from "./theme.js";

/** The fonts of texts in charts. */
export const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
const DASHES = { solid: [], dashed: [6, 4], dotted: [2, 3] };

/**
 * @param {string} title
 * @param {{ label: string, color: string, dash: keyof typeof DASHES }[]} entries
 * @param {HTMLCanvasElement} chart
 * @returns {HTMLCanvasElement}
 */
export function picture(title, entries, chart) {
  const scale = devicePixelRatio, margin = 20 * scale, top = (entries.length > 0 ? 74 : 50) * scale;
  const canvas = document.createElement("canvas");
  canvas.width = chart.width + 2 * margin;
  canvas.height = chart.height + top + margin;
  const pen = canvas.getContext("2d");
  if (pen === null) return canvas;
  pen.fillStyle = color("--card");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = color("--ink");
  pen.font = `600 ${16 * scale}px ${FAMILY}`;
  pen.fillText(title, margin, 34 * scale);
  pen.font = `${12 * scale}px ${FAMILY}`;
  let left = margin;
  for (const entry of entries) {
    pen.strokeStyle = color(entry.color);
    pen.lineWidth = 2 * scale;
    pen.setLineDash(DASHES[entry.dash].map((length) => length * scale));
    pen.beginPath();
    pen.moveTo(left, 56 * scale);
    pen.lineTo(left + 20 * scale, 56 * scale);
    pen.stroke();
    pen.fillStyle = color("--muted");
    pen.fillText(entry.label, left + 28 * scale, 60 * scale);
    left += 48 * scale + pen.measureText(entry.label).width;
  }
  pen.drawImage(chart, margin, top);
  return canvas;
}
