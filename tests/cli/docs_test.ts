import assert from "node:assert/strict";
import { bash } from "./program.ts";
import { withTempDir } from "../support/temp_dir.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/cli.md", import.meta.url));

/** A command of the page that ends in a line which tells of a test, and that line. */
interface Example {
  readonly command: string;
  readonly printed: string;
}

/** Indented commands with the first line of the text block below. Those of MNIST take too long. */
const EXAMPLES: readonly Example[] = [
  ...PAGE.matchAll(/((?:^ {4}\S.*\n(?: {6}.*\n)*)+)\n```text\n(Test on .*)\n/gm),
].map(([, command, printed]) => ({ command: command!, printed: printed! }))
  .filter(({ printed }) => !printed.includes("MNIST"));

Deno.test("docs/cli.md: has examples whose results can be checked", () => {
  assert.equal(EXAMPLES.length, 2);
});

for (const { command, printed } of EXAMPLES) {
  const line = command.trim().split("\n").at(-1)!.trim();
  Deno.test(`docs/cli.md: what is printed by ${line}`, async () => {
    await withTempDir(async (directory) => {
      const { code, stdout, stderr } = await bash(
        `cd ${directory}\n${command.trimEnd()} --backend cpu`,
      );
      assert.equal(code, 0, stderr);
      const NUMBER = /\d+(?:\.\d+)?/g;
      const [first] = stdout.split("\n");
      assert.equal(first!.replace(NUMBER, "N"), printed.replace(NUMBER, "N"));
      const [got, said] = [first!, printed].map((text) => text.match(NUMBER)!.map(Number));
      // Backends round differently, which some hundred steps amplify to the third digit.
      got!.forEach((value, i) => assert.ok(Math.abs(value / said![i]! - 1) < 0.01, first));
    });
  });
}
