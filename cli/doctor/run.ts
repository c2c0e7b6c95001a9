import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit_codes.ts";
import { writeJson } from "../lib/terminal.ts";
import { examine } from "./examine.ts";
import { reportText } from "./report.ts";

/** Examines this machine and prints what was found; 1 if a self-test failed. */
export async function runDoctor(
  { json }: { readonly json: boolean },
  { signal, stdout, stderr }: Context,
): Promise<ExitCode> {
  const show = (text: string): void => {
    if (stderr.isTerminal) stderr.write(`\r\x1b[K${text}`);
  };
  const findings = await examine(signal, (doing) => show(`${doing} …`)).finally(() => show(""));
  if (json) writeJson(stdout, findings);
  else stdout.write(reportText(findings, stdout.hasColors));
  return findings.selfTests.some(({ status }) => status === "failed") ? EXIT.failed : EXIT.ok;
}
