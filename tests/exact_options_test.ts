import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };
import { withTempDir } from "./support/temp_dir.ts";

const docs = new URL("../docs/", import.meta.url);

Deno.test("the library and docs/resuming.md compile under exactOptionalPropertyTypes", () =>
  withTempDir(async (directory) => {
    const text = await Deno.readTextFile(new URL("resuming.md", docs));
    const [, code] = /```ts\n(.*?)```/s.exec(text)!;
    assert.match(code!, /initialEpoch: start\?\.initialEpoch/);
    await Deno.writeTextFile(`${directory}/resuming.ts`, code!);
    const entries = Object.entries(config.exports).map(([name, to]) =>
      [`${config.name}${name.slice(1)}`, new URL(`../${to}`, import.meta.url).href] as const
    );
    const imports = { ...config.imports, ...Object.fromEntries(entries) };
    const compilerOptions = { ...config.compilerOptions, exactOptionalPropertyTypes: true };
    await Deno.writeTextFile(
      `${directory}/deno.json`,
      JSON.stringify({ imports, compilerOptions, lock: false }),
    );
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--config=deno.json", "resuming.ts"],
      cwd: directory,
      env: { NO_COLOR: "1" },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  }));
