import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { adamf, cosineDecay } from "@signalfit/tfjs";
import { factsOf } from "../../src/live/facts.ts";
import { backendTest } from "../support/test.ts";
import { smallTask } from "./fixtures.ts";

backendTest("live page: names a schedule and leaves out what says nothing", "cpu", () => {
  const learningRate = cosineDecay({ initialRate: 0.1, decaySteps: 9 });
  using task = smallTask(8, adamf({ learningRate, globalClipNorm: 1 }));
  const facts = new Map(factsOf(task.model, 4));
  assert.equal(facts.get("learningRate"), "cosine schedule");
  assert.equal(facts.get("globalClipNorm"), "1");
  assert.equal(facts.get("Batch size"), "4");
  for (const name of ["weightDecay", "amsgrad", "clipValue", "exclude"]) {
    assert.ok(!facts.has(name), name);
  }
  using other = smallTask(8, tf.train.sgd(0.5));
  assert.equal(new Map(factsOf(other.model, null)).get("learningRate"), "0.5");
});
