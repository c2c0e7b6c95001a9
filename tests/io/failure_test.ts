import assert from "node:assert/strict";
import { failure, Refusal } from "../../src/io/failure.ts";

const nodeError = (code: string) => Object.assign(new Error(`${code}: as Node says it`), { code });

Deno.test("failure: a code of Node becomes a sentence and stays the cause", () => {
  for (
    const [code, reason] of [
      ["EACCES", "permission denied"],
      ["ENOSPC", "no space is left on the device"],
      ["EROFS", "the file system is read-only"],
      ["ENOTDIR", "a file stands where a directory is needed"],
    ] as const
  ) {
    const cause = nodeError(code);
    const error = failure("Cannot save a model to", "runs/a", cause);
    assert.equal(
      error.message,
      `Cannot save a model to runs/a: ${reason} (${code}: as Node says it)`,
    );
    assert.equal(error.cause, cause);
  }
});

Deno.test("failure: whatever else was thrown is reported as it is", () => {
  const unknown = nodeError("EWHATEVER");
  const error = failure("Cannot load a model from", "a", unknown);
  assert.equal(error.message, "Cannot load a model from a: EWHATEVER: as Node says it");
  assert.equal(error.cause, unknown);
  assert.equal(failure("Cannot do", "a", "text").message, "Cannot do a: text");
});

Deno.test("failure: a refusal hands on its own cause only", () => {
  const plain = failure("Cannot do", "a", new Refusal("because"));
  assert.equal(plain.message, "Cannot do a: because");
  assert.ok(!("cause" in plain));
  const cause = nodeError("ENOENT");
  assert.equal(failure("Cannot do", "a", new Refusal("because", { cause })).cause, cause);
});
