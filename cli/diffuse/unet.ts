import * as tfl from "@tensorflow/tfjs-layers";
import type { ImageShape } from "./data.ts";
import type { DenoiserOptions } from "./denoisers.ts";
import { apply, Parts, product, relu, reshape, sum, type Symbolic } from "./layers.ts";

/** A small convolutional U-Net: the image's own scale, and half of it. */
export function buildUnet(
  { shape, classes, width, seed }: DenoiserOptions<ImageShape>,
): tfl.LayersModel {
  const [x, t] = [tfl.input({ shape: [...shape] }), tfl.input({ shape: [1] })];
  const labels = classes > 1 ? [tfl.input({ shape: [classes] })] : [];
  const parts = new Parts(seed), context = parts.context(t, ...labels);

  /** Two convolutions beside the input, time and class added between them. */
  const block = (name: string, filters: number, input: Symbolic): Symbolic => {
    const shift = reshape(parts.dense(`${name}_told`, filters, context), 1, 1, filters);
    const inner = relu(sum(parts.conv(`${name}_in`, filters, input), shift));
    return sum(input, parts.conv(`${name}_out`, filters, inner));
  };
  const fine = block("fine", width, parts.conv("in", width, x));
  const halved = parts.conv("down", 2 * width, fine, 2);
  const coarse = block("deep", 2 * width, block("coarse", 2 * width, halved));
  const doubled = apply(
    tfl.layers.conv2dTranspose({
      name: "up",
      filters: width,
      kernelSize: 2,
      strides: 2,
      kernelInitializer: parts.initializer(),
    }),
    coarse,
  );
  const found = parts.conv("out", shape[2], block("joined", width, sum(fine, doubled)));
  const gate = reshape(parts.dense("gate", 1, context, "zeros"), 1, 1, 1);
  return tfl.model({ inputs: [x, t, ...labels], outputs: sum(found, product(x, gate)) });
}
