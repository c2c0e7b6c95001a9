import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { inDirectory } from "./fixtures.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const SCRIPT = `
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-cpu";
import { LivePage } from "@signalfit/tfjs/live";
tf.enableProdMode();
const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
const page = new LivePage(OPTIONS);
const fit = { callbacks: [page], verbose: 0 } as const;
await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), fit);
`;

/** Runs a program of one's own that trains with a page and never closes it. */
async function run(
  directory: string,
  options: object,
  flags: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const path = `${directory}/main.ts`;
  await Deno.writeTextFile(path, SCRIPT.replace("OPTIONS", JSON.stringify(options)));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", `--config=${ROOT}deno.json`, ...flags, path],
    env: { NO_COLOR: "1", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** All the permissions that a page needs. */
const LEAST = ["--allow-net=127.0.0.1", `--allow-read=${ROOT}`];

Deno.test("process: ends by itself, needs few permissions, and prints the address", async () => {
  await inDirectory(async (directory) => {
    const { code, stdout, stderr } = await run(directory, {}, LEAST);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^Live page: http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/\n$/);
  });
});

/** A program that waits for a viewer's hand after its first batch. */
const PAUSING = SCRIPT.replace("new LivePage(OPTIONS)", "new LivePage()").replace(
  "const fit",
  `class Pause extends tfl.Callback {
  override async onBatchEnd(): Promise<void> {
    const { origin } = new URL(page.url!), headers = { origin, "content-type": "application/json" };
    const body = '{"action":"pause"}';
    await fetch(page.url + "control", { method: "POST", headers, body });
  }
}
const fit`,
).replace("[page]", "[new Pause(), page]");

Deno.test("process: stays while it is paused, and ends though a viewer is there", async () => {
  await inDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/main.ts`, PAUSING);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", `--config=${ROOT}deno.json`, `${directory}/main.ts`],
      stdout: "piped",
    }).spawn();
    const said = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const url = /http\S+/.exec((await said.read()).value!)![0];
    const events = (await fetch(`${url}events`)).body!.pipeThrough(new TextDecoderStream());
    const reader = events.getReader(); // Open to the end.
    let seen = "";
    while (!seen.includes('"status":"paused"')) seen += (await reader.read()).value;
    const headers = { origin: new URL(url).origin, "content-type": "application/json" };
    const body = '{"action":"resume"}';
    const { status } = await fetch(`${url}control`, { method: "POST", headers, body });
    assert.equal(status, 200);
    assert.ok((await said.read()).done);
    assert.equal((await child.status).code, 0);
    await reader.cancel().catch(() => {});
  });
});

/** Such a program that keeps checkpoints, the page standing before or after what keeps them. */
const KEEPING = PAUSING.replace(
  "import { LivePage }",
  `import { Checkpoint } from "@signalfit/tfjs";
import { LivePage }`,
).replace(
  "const page =",
  `const checkpoint = new Checkpoint(Deno.args[0]!);
const page =`,
) + `
console.log("status", page.getState().runs[0].status);
Deno.exit(checkpoint.exitCode);
`;

for (const order of ["new Pause(), page, checkpoint", "checkpoint, new Pause(), page"]) {
  Deno.test(`process: Ctrl-C wakes a paused run, which saves and ends (${order})`, async () => {
    await inDirectory(async (directory) => {
      const program = KEEPING.replace("[new Pause(), page]", `[${order}]`);
      await Deno.writeTextFile(`${directory}/main.ts`, program);
      const config = `--config=${ROOT}deno.json`, run = `${directory}/run`;
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "-A", config, `${directory}/main.ts`, run],
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const said = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const url = /http\S+/.exec((await said.read()).value!)![0];
      const events = (await fetch(`${url}events`)).body!.pipeThrough(new TextDecoderStream());
      const reader = events.getReader();
      let seen = "";
      while (!seen.includes('"status":"paused"')) seen += (await reader.read()).value;
      child.kill("SIGINT");
      assert.equal((await said.read()).value, "status stopped\n");
      const told = await new Response(child.stderr).text();
      assert.equal((await child.status).code, 130, told);
      assert.match(told, /^SIGINT: finishing the batch and saving/);
      const names = [...Deno.readDirSync(run)].map(({ name }) => name);
      assert.equal(names.length, 1, `${names}`);
      assert.match(names[0]!, /-1$/, "after one batch");
      await reader.cancel().catch(() => {});
    });
  });
}

Deno.test("process: without the permission for the port, the error says so", async () => {
  await inDirectory(async (directory) => {
    const { code, stderr } = await run(directory, {}, [`--allow-read=${ROOT}`]);
    assert.equal(code, 1);
    assert.match(stderr, /Requires net access to "127\.0\.0\.1:0", run again with .*--allow-net/);
  });
});

Deno.test({
  name: "process: opens the browser that the system has",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await inDirectory(async (directory) => {
      const opened = `${directory}/opened`;
      await Deno.writeTextFile(
        `${directory}/xdg-open`,
        `#!/bin/sh\necho "$1" > "$0.tmp" && mv "$0.tmp" ${opened}\n`,
        { mode: 0o755 },
      );
      using watcher = Deno.watchFs(directory);
      const path = `${directory}:${Deno.env.get("PATH")}`;
      const { code, stdout, stderr } = await run(directory, { open: true }, ["-A"], { PATH: path });
      assert.deepEqual([code, stderr], [0, ""]);
      const isThere = () => Deno.stat(opened).then(() => true, () => false);
      while (!await isThere()) await watcher[Symbol.asyncIterator]().next();
      assert.equal(stdout, `Live page: ${await Deno.readTextFile(opened)}`);
    });
  },
});

Deno.test("process: where no browser can be opened, a warning names the address", async () => {
  await inDirectory(async (directory) => {
    const { code, stdout, stderr } = await run(directory, { open: true }, LEAST);
    assert.equal(code, 0);
    const [, url] = /^Live page: (.*)\n$/.exec(stdout)!;
    assert.match(stderr, /^LivePage: cannot open a browser \(.*\); the address is http:/);
    assert.ok(stderr.includes(url!));
  });
});
