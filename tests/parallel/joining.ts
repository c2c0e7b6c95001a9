// Joins, with options as JSON, and says how that went.
import { joinMpi } from "@signalfit/tfjs/mpi";

try {
  const { size } = await joinMpi(JSON.parse(Deno.args[0] ?? "{}"));
  console.log(`joined ${size}`);
} catch (error) {
  console.log((error as Error).message);
}
