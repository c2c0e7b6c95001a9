// One rank of a team in memory: runs a scenario and posts what it gives.
import { MemoryTeam, type SharedTeam } from "./memory_team.ts";
import { outcomeOf, type ScenarioName } from "./scenarios.ts";

interface Task {
  readonly rank: number;
  readonly shared: SharedTeam;
  readonly name: ScenarioName;
  readonly plan: unknown;
}

const worker = globalThis as unknown as {
  onmessage: (event: MessageEvent<Task>) => void;
  postMessage(message: unknown): void;
};
worker.onmessage = async ({ data: { rank, shared, name, plan } }) => {
  worker.postMessage(await outcomeOf(name, new MemoryTeam(rank, shared), plan));
};
worker.postMessage("ready");
