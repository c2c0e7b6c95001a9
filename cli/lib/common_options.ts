import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { optional, withDefault } from "@optique/core/modifiers";
import { option } from "@optique/core/primitives";
import { path } from "@optique/run/valueparser";

/** The options of the page in the browser. */
export const liveFields = {
  live: withDefault(
    option("--live", {
      description:
        message`Show the training on a page in a browser, at the address that is printed.`,
    }),
    false,
  ),
  report: optional(
    option("--report", path({ metavar: "FILE.html", extensions: [".html"], allowCreate: true }), {
      description: message`Keep that page in one file; with this, --live is not needed.`,
    }),
  ),
};

/** The same under a heading of their own. */
export const liveOptions = object("Page", liveFields);

/** How the result is printed. */
export const outputOptions = object("Output", {
  json: withDefault(
    option("--json", { description: message`Print the result as JSON.` }),
    false,
  ),
});
