import { bench } from "./bench/command.ts";
import type { Command } from "./command.ts";
import { compare, demo } from "./compare/command.ts";
import { diffuse, digits } from "./diffuse/command.ts";
import { doctor } from "./doctor/command.ts";
import { train } from "./train/command.ts";

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  train,
  compare,
  demo,
  diffuse,
  digits,
  doctor,
  bench,
];
