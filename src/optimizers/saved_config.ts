import type { serialization } from "@tensorflow/tfjs-core";
import { type MatchedVariable, type Matcher, matches } from "./matcher.ts";
import type { LearningRate } from "./learning_rate.ts";
import type { Override } from "./overrides.ts";
import { isSchedule } from "../schedules/schedule.ts";
import { scheduleFrom } from "../schedules/schedule_from.ts";

/** Marks text that holds an option that is no plain value. */
const MARK = "json:";

/**
 * Options as plain data. What is no plain value becomes text in which "_" does not occur: tfjs
 * rewrites names with it, also inside of lists.
 *
 * @param variables those that predicates are asked about: names of variables are saved in their place
 */
export function encodeOptions(
  owner: string,
  options: object,
  rate: number,
  variables: readonly MatchedVariable[],
): serialization.ConfigDict {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      typeof value === "object" && value !== null || typeof value === "function" ||
        name === "exclude"
        ? encode(encodable(owner, name, value, rate, variables))
        : value,
    ]),
  );
}

/** The reverse of {@link encodeOptions}. */
export function decodeOptions(config: serialization.ConfigDict): serialization.ConfigDict {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [
      name,
      typeof value === "string" && value.startsWith(MARK) ? decode(value) : value,
    ]),
  );
}

/** Any JSON as text that tfjs leaves alone. */
export function encode(value: unknown): serialization.ConfigDictValue {
  if (typeof value === "number" || value === null) return value as number | null as number;
  return MARK + encodeURIComponent(JSON.stringify(value)).replaceAll("_", "%5F");
}

/** The reverse of {@link encode}. */
export function decode(text: string): serialization.ConfigDictValue {
  return JSON.parse(
    decodeURIComponent(text.slice(MARK.length)),
    (_key, value) => {
      if (value?.["regExp"] !== undefined) return new RegExp(value["regExp"], value["flags"]);
      if (value?.["schedule"] !== undefined) return scheduleFrom(value["schedule"]);
      return value;
    },
  );
}

function encodable(
  owner: string,
  name: string,
  value: unknown,
  rate: number,
  variables: readonly MatchedVariable[],
): unknown {
  if (name === "learningRate") return encodableRate(owner, value as LearningRate, rate);
  if (name === "exclude") return encodableMatcher(value as Matcher | null, variables);
  if (name === "overrides") {
    return (value as readonly Override[]).map((override) => ({
      ...override,
      match: encodableMatcher(override.match, variables),
      ...override.learningRate === undefined
        ? {}
        : { learningRate: encodableRate(owner, override.learningRate, rate) },
    }));
  }
  return value;
}

/** A schedule of the library's own, or the present number with a warning. */
function encodableRate(owner: string, learningRate: LearningRate, rate: number): unknown {
  if (typeof learningRate === "number") return learningRate;
  if (isSchedule(learningRate)) return { schedule: learningRate.config };
  console.warn(
    `signalfit: ${owner}'s learningRate is a function of your own, which cannot be saved: the ` +
      `saved optimizer has its present value, ${rate}. Set learningRate again after loading`,
  );
  return rate;
}

function encodableMatcher(
  matcher: Matcher | null,
  variables: readonly MatchedVariable[],
): unknown {
  if (matcher === null || typeof matcher === "string") return matcher;
  if (matcher instanceof RegExp) return { regExp: matcher.source, flags: matcher.flags };
  if (typeof matcher === "function") {
    return variables.filter((variable) => matches(matcher, variable)).map(({ name }) => name);
  }
  return matcher.map((each) => encodableMatcher(each, variables));
}
