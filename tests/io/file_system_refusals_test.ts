import type * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import assert from "node:assert/strict";
import { fileSystem } from "../../src/io/file_system.ts";
import { errorCode } from "../../src/io/failure.ts";
import { artifactsOf, filesIn, methods, valueOf, withDirectory } from "./fixtures.ts";

/** Checks that the promise rejects with this very message, and returns the error. */
async function rejects(promise: Promise<unknown>, message: string | RegExp): Promise<Error> {
  const error = await promise.then(
    () => assert.fail(`must be refused: ${message}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error);
  if (typeof message === "string") assert.equal(error.message, message);
  else assert.match(error.message, message);
  return error;
}

Deno.test("fileSystem refuses an empty directory and a URL at once", () => {
  assert.throws(() => fileSystem(""), {
    message: 'Cannot store models: directory must be a non-empty path, got ""; ' +
      'use "." for the current directory',
  });
  assert.throws(() => fileSystem("file:///runs/a"), {
    message: 'Cannot store models: directory must be a path, not a URL, got "file:///runs/a"',
  });
  fileSystem("C://runs");
});

Deno.test("fileSystem refuses to load where nothing was saved", async () => {
  await withDirectory(async (root) => {
    for (const directory of [root, `${root}/a/b`]) {
      const error = await rejects(
        layers.loadLayersModel(fileSystem(directory)),
        `Cannot load a model from ${directory}: there is no model.json, so nothing was saved ` +
          `here; check the path, or save a model first with ` +
          `model.save(fileSystem("${directory}"))`,
      );
      assert.equal(errorCode(error.cause), "ENOENT");
    }
    assert.deepEqual(filesIn(root), []);
  });
});

Deno.test("fileSystem refuses a directory that is a file, or leads through one", async () => {
  await withDirectory(async (root) => {
    Deno.writeTextFileSync(`${root}/file`, "kept");
    for (const directory of [`${root}/file`, `${root}/file/a`]) {
      const { save, load } = methods(fileSystem(directory));
      const loading = await rejects(
        load(),
        /^Cannot load a model from .*file.*: a file stands where a directory is needed \(ENOTDIR/,
      );
      assert.equal(errorCode(loading.cause), "ENOTDIR");
      const saving = await rejects(
        save(artifactsOf(1)),
        /^Cannot save a model to .*file.*: a file stands where a directory is needed \(E/,
      );
      assert.match(errorCode(saving.cause) ?? "", /^(EEXIST|ENOTDIR)$/);
    }
    assert.equal(Deno.readTextFileSync(`${root}/file`), "kept");
  });
});

Deno.test("fileSystem refuses a model.json that is not JSON or is truncated", async () => {
  await withDirectory(async (directory) => {
    const { save, load } = methods(fileSystem(directory));
    await save(artifactsOf(1));
    const whole = Deno.readTextFileSync(`${directory}/model.json`);
    for (const text of ["", "not JSON", whole.slice(0, -1), whole.slice(0, whole.length / 2)]) {
      Deno.writeTextFileSync(`${directory}/model.json`, text);
      const error = await rejects(
        load(),
        /: model\.json is not valid JSON \(.+\); it has \d+ char/,
      );
      assert.ok(error.message.startsWith(`Cannot load a model from ${directory}: `));
      assert.ok(error.message.includes(`it has ${text.length} characters and may be truncated`));
      assert.ok(error.cause instanceof SyntaxError);
    }
    Deno.removeSync(`${directory}/model.json`);
    Deno.mkdirSync(`${directory}/model.json`);
    await rejects(load(), /: a directory stands where a file is needed \(EISDIR/);
    await rejects(save(artifactsOf(2)), /: a directory stands where a file is needed \(EISDIR/);
  });
});

const SPEC = { name: "w", shape: [2], dtype: "float32" };
const inManifest = (group: unknown) => ({ modelTopology: {}, weightsManifest: [group] });

for (
  const [json, rule] of [
    [null, "it must hold an object, got null"],
    [[1], "it must hold an object, got [1]"],
    [{ class_name: "Sequential" }, "modelTopology must be an object, got nothing"],
    [{ modelTopology: "x".repeat(99), weightsManifest: [] }, /an object, got "x{59}…$/],
    [{ modelTopology: {} }, "weightsManifest must be an array, got nothing"],
    [inManifest(5), "weightsManifest[0] must be an object, got 5"],
    [inManifest({ weights: [] }), "weightsManifest[0].paths must be an array, got nothing"],
    [inManifest({ paths: [] }), "weightsManifest[0].weights must be an array, got nothing"],
    [inManifest({ paths: [""], weights: [] }), /paths\[0\] must be a non-empty string, got ""$/],
    [inManifest({ paths: [], weights: [0] }), /weights\[0\] must be an object, got 0$/],
    [
      inManifest({ paths: [], weights: [{ ...SPEC, name: 1 }] }),
      /weights\[0\]\.name must be a string, got 1$/,
    ],
    [
      inManifest({ paths: [], weights: [{ ...SPEC, dtype: undefined }] }),
      /weights\[0\]\.dtype must be a string, got nothing$/,
    ],
    [
      inManifest({ paths: [], weights: [SPEC, { ...SPEC, shape: [-1, 2.5] }] }),
      /weights\[1\]\.shape must be an array of whole numbers from 0 on, got \[-1,2\.5\]$/,
    ],
    [
      inManifest({ paths: [], weights: [{ ...SPEC, quantization: {} }] }),
      /weights\[0\]\.quantization must be an object with a dtype, got \{\}$/,
    ],
  ] as const
) {
  Deno.test(`fileSystem refuses a foreign model.json: ${rule}`, async () => {
    await withDirectory(async (directory) => {
      Deno.writeTextFileSync(`${directory}/model.json`, JSON.stringify(json));
      const foreign = `Cannot load a model from ${directory}: ` +
        "model.json is not a TensorFlow.js model: ";
      const { message } = await rejects(methods(fileSystem(directory)).load(), /./);
      assert.ok(message.startsWith(foreign), message);
      if (typeof rule === "string") assert.equal(message, foreign + rule);
      else assert.match(message, rule);
    });
  });
}

Deno.test("fileSystem refuses a manifest that leads out of the directory", async () => {
  await withDirectory(async (root) => {
    const directory = `${root}/model`;
    Deno.mkdirSync(directory);
    Deno.writeFileSync(`${root}/secret`, new Uint8Array(8));
    const outside = [
      "../secret",
      "a/../../secret",
      "..",
      `${root}/secret`,
      "..\\secret",
      "\\secret",
      "C:\\secret",
      "C:secret",
      "a\0b",
    ];
    for (const path of outside) {
      Deno.writeTextFileSync(
        `${directory}/model.json`,
        JSON.stringify(inManifest({ paths: [path], weights: [SPEC] })),
      );
      await rejects(
        methods(fileSystem(directory)).load(),
        `Cannot load a model from ${directory}: weightsManifest[0].paths[0] in model.json must ` +
          `be a path inside the directory, got ${JSON.stringify(path)}`,
      );
    }
  });
});

Deno.test("fileSystem refuses weights that are missing, cut, padded or damaged", async () => {
  await withDirectory(async (directory) => {
    const { save, load } = methods(fileSystem(directory));
    await save(artifactsOf(1));
    const [, name = ""] = filesIn(directory);
    const path = `${directory}/${name}`;
    const about = `Cannot load a model from ${directory}: weights file "${name}"`;
    const whole = Deno.readFileSync(path);

    for (const length of [0, 19, 21]) {
      const changed = new Uint8Array(length);
      changed.set(whole.subarray(0, length));
      Deno.writeFileSync(path, changed);
      await rejects(
        load(),
        `${about} has a wrong length: ${length} bytes, but the weight specs describe 20 bytes`,
      );
    }
    Deno.writeFileSync(path, whole.map((byte, i) => i === 13 ? byte ^ 1 : byte));
    await rejects(
      load(),
      new RegExp(
        `^${about} is damaged: the SHA-256 of its content begins with [0-9a-f]{16}, ` +
          `not with ${name.split(".")[1]} as its name says$`,
      ),
    );
    Deno.removeSync(path);
    const missing = await rejects(load(), `${about}, which model.json names, is missing`);
    assert.equal(errorCode(missing.cause), "ENOENT");
    Deno.mkdirSync(path);
    await rejects(load(), `${about} is not a file`);
    Deno.removeSync(path);

    await save(artifactsOf(1));
    assert.equal(valueOf(await load()), 1);
  });
});

Deno.test("fileSystem adds up the lengths of shards, strings and quantized weights", async () => {
  await withDirectory(async (directory) => {
    Deno.writeFileSync(`${directory}/1`, new Uint8Array(8));
    Deno.writeFileSync(`${directory}/2`, new Uint8Array(3));
    const attempt = (paths: string[], weights: unknown[]) => {
      Deno.writeTextFileSync(
        `${directory}/model.json`,
        JSON.stringify(inManifest({ paths, weights })),
      );
      return methods(fileSystem(directory)).load();
    };
    const about = `Cannot load a model from ${directory}: `;
    await rejects(
      attempt(["1", "2"], [SPEC, { ...SPEC, quantization: { dtype: "uint16" } }]),
      `${about}weights file "1" + "2" has a wrong length: 11 bytes, but the weight specs ` +
        "describe 12 bytes",
    );
    await rejects(
      attempt(["1", "2"], [{ ...SPEC, shape: [3], dtype: "string" }]),
      `${about}weights file "1" + "2" has a wrong length: 11 bytes, but the weight specs ` +
        "describe at least 12 bytes",
    );
    await attempt(["1", "2"], [{ ...SPEC, dtype: "string" }]);
    await rejects(
      attempt(["1"], [{ ...SPEC, dtype: "float64" }]),
      `${about}weight "w" must have one of the dtypes float32, int32, complex64, bool, uint8, ` +
        'uint16, float16, string, got "float64"',
    );
    await rejects(
      attempt([], [SPEC]),
      `${about}weights file (none is named) has a wrong length: 0 bytes, but the weight specs ` +
        "describe 8 bytes",
    );
  });
});

Deno.test("fileSystem refuses to save what could not be loaded, and keeps the former", async () => {
  await withDirectory(async (directory) => {
    const { save, load } = methods(fileSystem(directory));
    await save(artifactsOf(1));
    const before = filesIn(directory);
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const broken: [Partial<tf.io.ModelArtifacts>, string | RegExp][] = [
      [{ modelTopology: undefined }, "modelTopology must be a JSON object, got nothing"],
      [
        { modelTopology: new ArrayBuffer(3) },
        "modelTopology must be a JSON object, got an ArrayBuffer",
      ],
      [{ weightSpecs: undefined }, "weightSpecs must describe the weight data, got nothing"],
      [
        { weightData: new ArrayBuffer(19) },
        "the weight data has a wrong length: 19 bytes, but the weight specs describe 20 bytes",
      ],
      [
        { weightData: undefined },
        "the weight data has a wrong length: 0 bytes, but the weight specs describe 20 bytes",
      ],
      [{ modelTopology: cyclic }, /the model cannot be written as JSON \(.*circular/],
    ];
    for (const [change, rule] of broken) {
      const saving = save({ ...artifactsOf(2), ...change });
      if (typeof rule === "string") {
        await rejects(saving, `Cannot save a model to ${directory}: ${rule}`);
      } else {
        await rejects(saving, rule);
      }
      assert.deepEqual(filesIn(directory), before);
      assert.equal(valueOf(await load()), 1);
    }
  });
});
