import assert from "node:assert/strict";
import { LivePage } from "@signalfit/tfjs/live";

const REFUSED: [options: unknown, message: RegExp][] = [
  [{ port: 65536 }, /port must be a whole number from 0 to 65535, got 65536/],
  [{ port: 1.5 }, /port must be a whole number/],
  [{ title: 3 }, /title must be a text, got 3/],
  [{ open: 1 }, /open must be true or false, got 1/],
  [
    { report: "out.txt" },
    /report must be the name of a file that ends in "\.html", got "out\.txt"/,
  ],
  [{ report: ".html" }, /report must be/],
  [{ checkpoint: "" }, /checkpoint must be a directory or a function, got ""/],
  [{ images: () => {} }, /images must be an object such as/],
  [{ images: {} }, /images: sample must be a function .*, got undefined/],
  [{ images: { sample: 1 } }, /images: sample must be a function/],
  [{ images: { sample() {}, everyEpochs: 0 } }, /images: everyEpochs must be a whole number >= 1/],
  [{ images: { sample() {}, range: [1, 1] } }, /images: range must be \[black, white\]/],
  [{ images: { sample() {}, every: 1 } }, /unknown option "every"/],
  [{ erd: {} }, /erd must be an object with a method report\(\)/],
  [{ gains: 1 }, /gains must be an object with a method report\(\)/],
  [{ compare: "a.json" }, /compare must be a list of files, got "a\.json"/],
  [{ compare: [1] }, /compare must be a list of files/],
  [{ tittle: "x" }, /unknown option "tittle"; did you mean "title"\?/],
  [null, /options must be an object/],
];

for (const [options, message] of REFUSED) {
  Deno.test(`live page: refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => new LivePage(options as never), message);
  });
}
