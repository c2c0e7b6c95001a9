// One rank of a team of MPI: rank.ts <scenario> <plan as JSON>. Writes what the scenario gives as JSON.
import { joinMpi } from "@signalfit/tfjs/mpi";
import { outcomeOf, type ScenarioName } from "./scenarios.ts";

const [name, plan] = Deno.args as [ScenarioName, string];
const { timeout } = JSON.parse(plan) as { timeout?: number };
const team = await joinMpi({ timeout: timeout ?? 60 });
const outcome = await outcomeOf(name, team, JSON.parse(plan));
// Lines of several ranks that come through one pipe may be mixed: each writes a file of its own.
const directory = Deno.env.get("SIGNALFIT_OUTCOMES")!;
Deno.writeTextFileSync(`${directory}/${team.rank}.json`, JSON.stringify(outcome));
if (outcome.error !== undefined) Deno.exitCode = 1;
