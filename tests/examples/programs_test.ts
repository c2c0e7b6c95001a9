import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { inDirectory } from "../live/fixtures.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Starts one of the programs under examples. */
function start(name: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", `--config=${ROOT}deno.json`]
      .concat(`${ROOT}examples/${name}`, args),
    env: { NO_COLOR: "1", XDG_RUNTIME_DIR: "/tmp" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** What a program prints in the end. */
async function output(child: Deno.ChildProcess, expected = 0): Promise<string> {
  const { code, stdout, stderr } = await child.output();
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(code, expected, errors);
  return text!;
}

/** The number after some words of a text. */
function after(text: string, words: RegExp): number {
  const found = new RegExp(`${words.source}(\\d[\\d.e-]*)`).exec(text);
  assert.ok(found, text);
  return Number(found[1]);
}

Deno.test("examples: a first training tells the spirals apart", async () => {
  const text = await output(start("first_training.ts"));
  assert.match(text, /^epoch 40\/40: /m);
  assert.ok(parseFloat(text.trimEnd().split("\n").at(-1)!) > 95, text);
});

Deno.test("examples: a loop of one's own finds the factors", async () => {
  const text = await output(start("own_loop.ts"));
  assert.ok(after(text, /mean error after 400 steps: /) < 0.2, text);
});

Deno.test("examples: decay, groups and schedules are as asked for", async () => {
  const text = await output(start("decay_and_schedules.ts"));
  assert.match(text, /^features\/bias +no decay +\[32\] .* 0 /m);
  assert.match(text, /^head\/kernel +"head" +\[32,1\] +32 +240 +0\.002 +0 /m);
  assert.ok(after(text, /after 15 epochs /) < after(text, /\nloss /) / 5, text);
  assert.match(text, /^next learning rate 0$/m);
});

Deno.test("examples: the filter before tfjs's SGD trains as well", async () => {
  const text = await output(start("filter_any_optimizer.ts"));
  const [plain, behind] = [after(text, /sgd /), after(text, /filtered /)];
  assert.ok(behind < 1.05 * plain, text);
  const gain = after(text, /gain of the filter in \S+: /);
  assert.ok(gain > 0 && gain < 1, text);
});

Deno.test("examples: a diffusion model puts points on the ring", async () => {
  const text = await output(start("diffusion_with_erd.ts"));
  assert.ok(after(text, /on average /) < 0.15, text);
});

Deno.test("examples: a training that is stopped goes on, and ends as one that is not", async () => {
  await inDirectory(async (directory) => {
    const whole = await output(start("stop_and_resume.ts", `${directory}/whole`));
    const child = start("stop_and_resume.ts", `${directory}/broken`);
    // Its first checkpoint tells that it is under way.
    using watcher = Deno.watchFs(directory);
    const isUnderWay = () =>
      [...Deno.readDirSync(directory)].some(({ name }) => name === "broken") &&
      [...Deno.readDirSync(`${directory}/broken`)].some(({ name }) => /-step-\d+$/.test(name));
    while (!isUnderWay()) await watcher[Symbol.asyncIterator]().next();
    child.kill("SIGINT");
    assert.match(await output(child, 130), /^begins\nstopped by SIGINT/);
    const rest = await output(start("stop_and_resume.ts", `${directory}/broken`));
    assert.match(rest, /^goes on after \d+ batches/);
    assert.equal(rest.split("\n").slice(1).join("\n"), whole.split("\n").slice(1).join("\n"));
  });
});

Deno.test("examples: what is for users imports the public entries alone", async () => {
  const names = ["browser/main.ts", "decay_and_schedules.ts", "diffusion_with_erd.ts"]
    .concat("filter_any_optimizer.ts", "first_training.ts", "live.ts", "node.mjs", "own_loop.ts")
    .concat("stop_and_resume.ts");
  for (const name of names) {
    const text = await Deno.readTextFile(`${ROOT}examples/${name}`);
    for (const [, from] of text.matchAll(/from "(.*)";/g)) {
      assert.match(from!, /^(node:|@tensorflow\/tfjs-|@signalfit\/tfjs)/, name);
    }
    assert.ok(text.split("\n").length <= 110, name);
  }
});

Deno.test("examples: in Node", async () => {
  try {
    await new Deno.Command("node", { args: ["--version"] }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log("not tested: there is no node here");
    return;
  }
  await inDirectory(async (directory) => {
    const script = `${directory}/node.mjs`;
    const bundled = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--platform", "deno", "-o", script, "examples/node.mjs"],
      cwd: ROOT,
    }).output();
    assert.ok(bundled.success, new TextDecoder().decode(bundled.stderr));
    // tfjs looks for its modules beside the script that it is in.
    const wasm = new URL(".", import.meta.resolve("@tensorflow/tfjs-backend-wasm"));
    for (const { name } of Deno.readDirSync(wasm)) {
      if (name.endsWith(".wasm")) await Deno.copyFile(new URL(name, wasm), `${directory}/${name}`);
    }
    const child = new Deno.Command("node", { args: [script], stdout: "piped", stderr: "piped" });
    const text = await output(child.spawn());
    assert.ok(after(text, /then /) < after(text, /loss /) / 2, text);
    assert.match(text, /^loaded, it predicts the same$/m);
    assert.match(text, /and goes on at step 240$/m);
  });
});
