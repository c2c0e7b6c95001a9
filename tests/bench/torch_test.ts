import assert from "node:assert/strict";
import { BACKENDS, startBackend } from "../../cli/bench/backends.ts";
import { torchContestants } from "../../bench/peers/contestants.ts";
import { measure } from "../../cli/bench/measure.ts";
import { Torch, type TorchRule } from "../../bench/peers/torch.ts";
import { createInputs } from "../../cli/bench/inputs.ts";
import { sixtyTensors } from "../../cli/bench/workloads.ts";

const plan = {
  rounds: 3,
  leastRounds: 2,
  sample: 0.1,
  deviceSample: 0.1,
  warmUp: 0.1,
  deviceWarmUp: 0.1,
  share: 1,
  hurry: 1,
};

Deno.test("torch: every contestant is right, errors come back as such", async () => {
  const torch = await Torch.start();
  if (typeof torch === "string") return console.log(`not tested: ${torch}`);
  const backend = BACKENDS[0]!;
  await startBackend(backend);
  const workload = sixtyTensors(6e3);
  const inputs = createInputs(workload);
  try {
    assert.match(torch.version, /^\d+\.\d+/);
    const contestants = torchContestants(torch);
    const results = await measure({ backend, workload, contestants }, plan, () => {});
    assert.equal(results.length, 5);
    for (const { contestant, status, reason, processor } of results) {
      assert.equal(status, "timed", `${contestant}: ${reason}`);
      assert.ok(processor!.median > 0);
    }
    const unknown = "no such rule" as TorchRule;
    await assert.rejects(() => torch.trial(unknown, inputs), /^Error: PyTorch: KeyError/);
    const trial = await torch.trial("momentum", inputs); // the next request is answered
    const { wall, calls } = await trial.run(2);
    assert.ok(wall > 0 && calls === wall);
    await trial.dispose();
    await assert.rejects(async () => await trial.run(1), /^Error: PyTorch: /);
  } finally {
    inputs.dispose();
    await torch.stop();
  }
});

Deno.test("torch: without it there is a reason", async () => {
  for (const python of ["/nowhere/python3", "/bin/false"]) {
    const reason = await Torch.start(python);
    assert.ok(typeof reason === "string");
    assert.match(reason, /has no PyTorch \(Debian: apt-get install python3-torch\)$/);
  }
});
