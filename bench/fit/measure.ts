import type { Progress } from "../../cli/bench/progress.ts";
import { summarize, type Summary } from "../../cli/bench/statistics.ts";
import { type Contestant, enter, Fit } from "./contestants.ts";
import type { Network } from "./networks.ts";
import { type KernelTime, profileKernels } from "./profile.ts";
import type { TorchFit } from "./torch.ts";

/** How one contestant did with one network. */
export interface Result {
  readonly network: string;
  readonly contestant: string;
  readonly backend: string;
  /** Milliseconds a batch; undefined if it could not train. */
  readonly time?: Summary;
  readonly imagesPerSecond?: number;
  /** Why it could not. */
  readonly reason?: string;
  /** What each kernel took of a batch. */
  readonly kernels?: readonly KernelTime[];
  /** MiB of the process when it had been timed. */
  readonly memory?: number;
}

/** How long one thing is timed at least, in milliseconds. */
const SAMPLE = 300;
/** A batch that takes longer than this is timed once, and not warmed up. */
const SLOW = 2000;

/** Something that trains, and what it took. */
interface Entry {
  readonly name: string;
  readonly backend: string;
  train(batches: number): Promise<number>;
  dispose(): Promise<void>;
  /** Batches of a sample; none if the first batch was so slow that it is the only sample. */
  batches: number;
  readonly samples: number[];
  profile(): Promise<KernelTime[] | undefined>;
}

/** Times all contestants with a network, in interleaved rounds. */
export async function measure(
  network: Network,
  contestants: readonly Contestant[],
  torch: TorchFit | undefined,
  rounds: number,
  progress: Progress,
): Promise<Result[]> {
  const results: Result[] = [];
  const entries: Entry[] = [];
  let parameters: number | undefined;
  for (const contestant of contestants) {
    const { name, backend } = contestant;
    progress.show(`${network.name}: ${name} on ${backend.name}`);
    const fit = await Fit.start(contestant, network);
    parameters = fit.parameters;
    try {
      if (backend.name === "webgpu") await fit.train(1); // compiles shaders, for seconds
      const { wall } = await fit.train(1);
      entries.push({
        name,
        backend: backend.name,
        train: async (batches) => (await fit.train(batches)).wall,
        dispose: () => fit.dispose(),
        batches: 0,
        samples: wall > SLOW ? [wall] : [],
        profile: async () => {
          if (backend.name === "webgpu") return undefined;
          await enter(contestant);
          const kernels = await profileKernels(async () => void await fit.train(BATCHES));
          return kernels.map(({ milliseconds, calls, name }) => (
            { name, milliseconds: milliseconds / BATCHES, calls: calls / BATCHES }
          ));
        },
      });
    } catch (error) {
      const reason = (error as Error).message.split("\n")[0]!;
      results.push({ network: network.name, contestant: name, backend: backend.name, reason });
      await fit.dispose();
    }
    progress.next();
  }
  if (torch !== undefined) {
    const own = await torch.build(network.name);
    if (own !== parameters) {
      throw new Error(`${network.name} has ${parameters} parameters, in PyTorch ${own}`);
    }
    await torch.train(network.name, 1);
    entries.push({
      name: "PyTorch",
      backend: "one thread",
      train: (batches) => torch.train(network.name, batches),
      dispose: () => Promise.resolve(),
      batches: 0,
      samples: [],
      profile: () => Promise.resolve(undefined),
    });
  }
  const quick = entries.filter(({ samples }) => samples.length === 0);
  for (const entry of quick) { // warms up, and finds how many batches a sample needs
    entry.batches = Math.max(2, Math.ceil(SAMPLE / await entry.train(2) * 2));
    await entry.train(entry.batches);
  }
  for (let round = 0; round < rounds; round++) {
    progress.show(`${network.name}: round ${round + 1} of ${rounds}`);
    for (const entry of round % 2 === 0 ? quick : quick.toReversed()) {
      entry.samples.push(await entry.train(entry.batches) / entry.batches);
    }
    progress.next();
  }
  for (const entry of entries) {
    const { name, backend, samples } = entry;
    const time = summarize(samples);
    const kernels = entry.batches > 0 ? await entry.profile() : undefined;
    results.push({
      network: network.name,
      contestant: name,
      backend,
      time,
      imagesPerSecond: 1000 * network.batchSize / time.median,
      memory: Deno.memoryUsage().rss / 2 ** 20,
      ...kernels === undefined ? {} : { kernels },
    });
    await entry.dispose();
  }
  return results;
}

/** Batches that are profiled. */
const BATCHES = 4;
