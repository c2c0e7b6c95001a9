/** What steers a terminal, or turns the direction of what follows; line ends and tabs may stay. */
const STEERING = /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text for a terminal in which nothing can steer it: what a file holds or is called may have control
 * characters, which are shown as `\x1b`.
 */
export function printable(text: string): string {
  return text.replace(STEERING, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, "0")}`;
  });
}
