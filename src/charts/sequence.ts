/** Colours from the first over the middle to the last, on a light and on a dark ground. */
const STOPS = {
  light: [[0xd9, 0x6b, 0x00], [0x9c, 0x3f, 0x93], [0x00, 0x5f, 0xb8]],
  dark: [[0xff, 0xa6, 0x4d], [0xe3, 0x8a, 0xdc], [0x62, 0xb5, 0xff]],
} as const;

/** Rules for curves in an order, such as epochs: the classes `name-0`, `name-1` … from early to late. */
export function sequence(name: string, count: number): { light: string; dark: string } {
  const rules = (stops: readonly (readonly number[])[]) =>
    Array.from({ length: count }, (_, i) => {
      const color = between(stops, count === 1 ? 1 : i / (count - 1));
      return `.${name}-${i}{stroke:${color}}.dot.${name}-${i}{fill:${color}}`;
    }).join("");
  return { light: rules(STOPS.light), dark: rules(STOPS.dark) };
}

/** The colour at a place in [0, 1] between three. */
function between(stops: readonly (readonly number[])[], place: number): string {
  const index = Math.min(1, Math.floor(2 * place)), part = 2 * place - index;
  const [from, to] = [stops[index]!, stops[index + 1]!];
  const mix = from.map((value, k) => Math.round(value + part * (to[k]! - value)));
  return `#${mix.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
