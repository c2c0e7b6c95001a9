import { message, type NonEmptyString, type ValueParser, values } from "@optique/core";

/** Words of a list, separated by commas. */
export function listOf<const Word extends string>(
  metavar: NonEmptyString,
  words: readonly Word[],
  normalize: (word: string) => string = (word) => word,
): ValueParser<"sync", readonly Word[]> {
  const isWord = (word: string): word is Word => (words as readonly string[]).includes(word);
  return {
    mode: "sync",
    metavar,
    placeholder: words,
    format: (list) => list.join(","),
    parse(input) {
      const list = input.split(",").map((word) => normalize(word.trim()));
      return list.every(isWord)
        ? { success: true, value: list }
        : { success: false, error: message`${input} is not a list of ${values(words)}.` };
    },
  };
}
