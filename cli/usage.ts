import { type Message, message, optionName, text } from "@optique/core/message";
import { findSimilar } from "@optique/core/suggestion";
import { extractOptionNames, type Usage, type UsageTerm } from "@optique/core/usage";
import type { Command } from "./command.ts";

/** A command's usage with all its options as [OPTIONS]: they are listed below it. */
export function shortUsage(usage: Usage): Usage {
  const rest = usage.filter((term) => !hasOption(term));
  const options: UsageTerm = {
    type: "optional",
    terms: [{ type: "argument", metavar: "OPTIONS" }],
  };
  return rest.length === usage.length ? usage : [options, ...rest];
}

function hasOption(term: UsageTerm): boolean {
  if (term.type === "option") return true;
  if (term.type === "exclusive") return term.terms.flat().some(hasOption);
  return "terms" in term && term.terms.some(hasOption);
}

/** What is wrong where there is no command at all. */
export function missing(commands: readonly Command[]): Message {
  return message`A command is missing: ${text(commands.map(({ name }) => name).join(", "))}.`;
}

/** What is wrong with a word that nothing can be done with, and what may have been meant. */
export function unexpected(
  token: string,
  command: Command | undefined,
  commands: readonly Command[],
): Message {
  const isOption = token.startsWith("-");
  if (command === undefined) {
    const names = [...commands.map(({ name }) => name), "help", "completion"];
    return isOption
      ? [
        ...message`The command comes first, and ${optionName(token)} is none.`,
        ...didYouMean(token, ["--help", "--version"]),
      ]
      : [...message`There is no command ${token}.`, ...didYouMean(token, names)];
  }
  const name = text(command.name);
  if (!isOption) return message`${name} takes no argument ${token}.`;
  const options = [...extractOptionNames(command.parser.usage), "--help"];
  return [...message`${name} has no option ${optionName(token)}.`, ...didYouMean(token, options)];
}

function didYouMean(token: string, words: readonly string[]): Message {
  const similar = findSimilar(token, words, { maxSuggestions: 3, maxDistanceRatio: 0.4 });
  if (similar.length === 0) return [];
  return message` Did you mean ${text(similar.map((word) => `"${word}"`).join(" or "))}?`;
}
