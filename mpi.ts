/**
 * Training on many cores and machines: the same fit in every process that MPI starts (`mpirun`, `srun`), with
 * one sum of gradients a step, or with averages of parameters now and then.
 *
 * @module
 */
export {
  type OuterOptions,
  ParameterAveraging,
  type ParameterAveragingOptions,
} from "./callbacks/parameter_averaging.ts";
export { TeamCallback, type TeamCallbackOptions } from "./callbacks/team_callback.ts";
export { distributed } from "./src/parallel/distributed.ts";
export { joinMpi, type JoinOptions } from "./src/parallel/join_mpi.ts";
export type { Team } from "./src/parallel/team.ts";
export type { OwnCallback } from "./src/training/own_callback.ts";
