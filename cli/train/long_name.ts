/** The option as the command line has it: `weightDecay` is `--weight-decay`. */
export function longName(name: string): `--${string}` {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
