import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { option } from "@optique/core/primitives";
import { type Command, defineCommand } from "../command.ts";

/** `signalfit doctor`. */
export const doctor: Command = defineCommand({
  name: "doctor",
  brief: message`Tells what runs on this machine and how to get the rest, and tests each engine.`,
  description:
    message`Tells what of TensorFlow.js and signalfit runs on this machine and how to get what is missing, and tests every engine that runs against the same formulas in float64. The exit code is 1 if a test fails.`,
  parser: object({
    json: option("--json", { description: message`Print one JSON document instead of text.` }),
  }),
  run: async (options, context) => {
    const { runDoctor } = await import("./run.ts");
    return await runDoctor(options, context);
  },
});
