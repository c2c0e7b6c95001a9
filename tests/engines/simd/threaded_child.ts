// Starts tfjs's threaded build, whose memory is shared between threads, and compares the SIMD engine
// on it with the oracle. Prints what it found as JSON.
//
// Deno cannot start that build's threads. With one thread it needs none, but it waits until its pool
// of workers has reported: workers that do nothing else do.
import { EventEmitter } from "node:events";
import { createRequire } from "node:module";

class IdleWorker extends EventEmitter {
  postMessage({ cmd }: { cmd: string }): void {
    if (cmd === "load") queueMicrotask(() => this.emit("message", { cmd: "loaded" }));
  }
  terminate(): void {}
  unref(): void {}
}
createRequire(import.meta.url)("node:worker_threads").Worker = IdleWorker;

const tf = await import("@tensorflow/tfjs-core");
const { setThreadsCount } = await import("@tensorflow/tfjs-backend-wasm");
const { hostMemory } = await import("../../../src/engines/host_memory.ts");
const { simd } = await import("../../../src/engines/simd.ts");
const { float32 } = await import("../../../src/expr/numbers.ts");
const { RULES } = await import("../../support/rule_table.ts");
const { bitForBit, lockstep, SMALL } = await import("../lockstep.ts");

tf.enableProdMode();
tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", true);
setThreadsCount(1);
await tf.setBackend("wasm");

const memory = () => hostMemory()!.heap!.memory.buffer;
const shared = memory() instanceof SharedArrayBuffer;
const before = memory().byteLength;
const exact = RULES.filter(({ name }) => !name.includes("0.7"));
for (const row of exact) await lockstep(simd, row, SMALL, 6, bitForBit, float32);
const large = tf.zeros([before / 4]); // more than fits: the memory must grow
for (const row of exact) await lockstep(simd, row, SMALL, 6, bitForBit, float32);
large.dispose();
console.log(JSON.stringify({ shared, grown: memory().byteLength > before, rules: exact.length }));
Deno.exit();
