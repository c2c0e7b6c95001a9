/** A rectangle of a picture, in pixels from its top left corner. */
export interface Rectangle {
  /** Its left side. */
  readonly left: number;
  /** Its right side. */
  readonly right: number;
  /** Its top. */
  readonly top: number;
  /** Its bottom. */
  readonly bottom: number;
}

/** Colours of curves on a light and on a dark ground, told apart by the colour-blind too. */
export const COLORS: readonly { readonly light: string; readonly dark: string }[] = [
  { light: "#0067a8", dark: "#5eb8ff" },
  { light: "#c2410c", dark: "#ff9a5c" },
  { light: "#00785a", dark: "#3fd0a4" },
  { light: "#8a3f93", dark: "#e39aec" },
];

/**
 * Rules of CSS that hold on one ground each.
 *
 * @internal
 */
export interface Style {
  readonly both?: string;
  readonly light?: string;
  readonly dark?: string;
}

/**
 * A picture as the text of an SVG file, light or dark as its reader prefers. Classes of text: `title`,
 * `small`; of lines: `grid`, `axis`, `curve`, and `color-0` and so on.
 *
 * @param title what it shows, for those who cannot see it; not drawn
 * @param description more of it, in a sentence or two; not drawn
 * @param style further rules
 * @param body elements
 */
export function svg(
  { width, height, title, description, style = {}, body }: {
    readonly width: number;
    readonly height: number;
    readonly title: string;
    readonly description?: string;
    readonly style?: Style;
    readonly body: readonly string[];
  },
): string {
  const colors = (ground: "light" | "dark") =>
    COLORS.map((color, i) =>
      `.color-${i}{stroke:${color[ground]}}.fill-${i}{fill:${color[ground]}}`
    )
      .join("");
  const told = description === undefined
    ? ""
    : `\n<desc id="description">${escapeText(description)}</desc>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    `width="${width}" height="${height}" style="max-width:100%;height:auto" role="img" ` +
    `aria-labelledby="title${told && " description"}">
<title id="title">${escapeText(title)}</title>${told}
<style>
text{font-family:system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:13px;fill:#333}
.title{font-size:18px;font-weight:600;fill:#111}.small{font-size:12px;fill:#666}
.ground{fill:#fff}.grid{stroke:#e4e4e4}.axis{stroke:#888}
.curve{fill:none;stroke-width:2;stroke-linejoin:round}
${style.both ?? ""}${colors("light")}${style.light ?? ""}
@media (prefers-color-scheme:dark){
text{fill:#ccc}.title{fill:#f4f4f4}.small{fill:#999}
.ground{fill:#16181c}.grid{stroke:#2b2f36}.axis{stroke:#7b828d}
${colors("dark")}${style.dark ?? ""}
}</style>
<rect class="ground" width="${width}" height="${height}"/>
${body.join("\n")}
</svg>
`;
}

/** Text to stand in an element or a quoted attribute. */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A place, to a tenth of a pixel. */
export function pixel(place: number): number {
  return Math.round(10 * place) / 10;
}

/** A text; `attributes` such as `class="small"`. */
export function text(content: string, x: number, y: number, attributes = ""): string {
  const more = attributes === "" ? "" : ` ${attributes}`;
  return `<text x="${pixel(x)}" y="${pixel(y)}"${more}>${escapeText(content)}</text>`;
}

/** A straight line. */
export function line(className: string, from: Point, to: Point): string {
  const [x1, y1, x2, y2] = [...from, ...to].map(pixel);
  return `<line class="${className}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

/** A place in a picture. */
export type Point = readonly [x: number, y: number];

/** A curve through points, left out where they are no numbers. */
export function curve(className: string, points: readonly Point[]): string {
  const there = points.filter((point) => point.every(Number.isFinite));
  const path = there.map(([x, y], i) => `${i === 0 ? "M" : "L"}${pixel(x)},${pixel(y)}`).join("");
  return `<path class="curve ${className}" d="${path}"/>`;
}
