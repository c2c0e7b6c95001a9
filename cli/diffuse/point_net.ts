import * as tfl from "@tensorflow/tfjs-layers";
import type { DenoiserOptions } from "./denoisers.ts";
import { apply, Parts, product, relu, RmsNorm, sum } from "./layers.ts";

const BLOCKS = 3;

/** A denoiser of points: dense layers with shortcuts, told the time in each block. */
export function buildPointNet({ shape, classes, width, seed }: DenoiserOptions): tfl.LayersModel {
  const [columns] = shape;
  const [x, t] = [tfl.input({ shape: [columns] }), tfl.input({ shape: [1] })];
  const labels = classes > 1 ? [tfl.input({ shape: [classes] })] : [];
  const parts = new Parts(seed), context = parts.context(t, ...labels);
  let hidden = parts.dense("in", width, x);
  for (let block = 0; block < BLOCKS; block++) {
    const told = sum(hidden, parts.dense(`block${block}_told`, width, context));
    const inner = relu(parts.dense(`block${block}_in`, 2 * width, apply(new RmsNorm(), told)));
    hidden = sum(hidden, parts.dense(`block${block}_out`, width, inner));
  }
  const gate = parts.dense("gate", columns, context, "zeros");
  const found = parts.dense("out", columns, relu(hidden), "zeros");
  return tfl.model({ inputs: [x, t, ...labels], outputs: sum(found, product(x, gate)) });
}
