// Joins, with options as JSON, and says how that went.
import process from "node:process";
import { joinMpi } from "@signalfit/tfjs/mpi";

try {
  const { size } = await joinMpi(JSON.parse(process.argv[2] ?? "{}"));
  console.log(`joined ${size}`);
} catch (error) {
  console.log((error as Error).message);
}
