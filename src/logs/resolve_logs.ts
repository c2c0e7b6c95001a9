import { dispose, type Scalar, Tensor } from "@tensorflow/tfjs-core";

/** What tfjs hands to callbacks: numbers, and scalars that may lie on a device. */
export type Logs = Record<string, unknown>;

/**
 * Reads the values of an epoch, and puts numbers in the place of tensors, as tfjs's own callbacks do:
 * whoever comes next need not wait.
 *
 * @param logs changed in place; its tensors are disposed
 * @returns all that are numbers
 */
export async function resolveLogs(logs: Logs | undefined): Promise<Record<string, number>> {
  if (logs === undefined) return {};
  const tensors = Object.entries(logs).filter((entry): entry is [string, Scalar] =>
    entry[1] instanceof Tensor
  );
  const values = await Promise.all(tensors.map(([, tensor]) => tensor.data()));
  tensors.forEach(([name], i) => logs[name] = values[i]![0]);
  dispose(tensors.map(([, tensor]) => tensor));
  return Object.fromEntries(
    Object.entries(logs).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}
