import assert from "node:assert/strict";
import { inDirectory } from "../examples/fixtures.ts";
import { onTerminal } from "./program.ts";

const TRAIN = "signalfit train --data iris --epochs 1 --backend cpu --live";

Deno.test({
  name: "signalfit train --live: opens the page where there is a display, and only there",
  ignore: Deno.build.os !== "linux",
  async fn() {
    // A browser that keeps the address and goes: the program waits for no viewer.
    const script = '#!/bin/sh\necho "$1" > "$0.tmp" && mv "$0.tmp" "$(dirname "$0")/opened"\n';
    await inDirectory({}, async (directory) => {
      await Deno.writeTextFile(`${directory}/xdg-open`, script, { mode: 0o755 });
      const PATH = `${directory}:${Deno.env.get("PATH")}`;
      using watcher = Deno.watchFs(directory);
      const isThere = () => Deno.stat(`${directory}/opened`).then(() => true, () => false);
      const without = await onTerminal(TRAIN, { env: { PATH, DISPLAY: "", WAYLAND_DISPLAY: "" } });
      assert.equal(without.code, 0, without.screen);
      assert.equal(await isThere(), false);
      const with_ = await onTerminal(TRAIN, { env: { PATH, DISPLAY: ":0" } });
      assert.equal(with_.code, 0, with_.screen);
      const [, address] = /Live page: (http:\/\/127\.0\.0\.1:\S+)/.exec(with_.screen)!;
      while (!await isThere()) await watcher[Symbol.asyncIterator]().next();
      assert.equal(await Deno.readTextFile(`${directory}/opened`), `${address}\n`);
    });
  },
});
