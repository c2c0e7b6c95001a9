import { cast, isFinite, logicalNot, type Scalar, sum, tidy } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";

/** A weight that holds values that are NaN or infinite. */
export interface NonFiniteWeight {
  /** The layer's name. */
  readonly layer: string;
  /** The weight's name in its layer. */
  readonly weight: string;
  /** How many such values. */
  readonly count: number;
  /** How many values in all. */
  readonly size: number;
}

/** How many values of each weight are NaN or infinite, by its place in {@linkcode nonFiniteOf}. */
export function countNonFinite(model: LayersModel): Record<string, Scalar> {
  return Object.fromEntries(
    places(model).map(({ weight }, i) => [
      String(i),
      tidy(() => sum<Scalar>(cast(logicalNot(isFinite(weight.read())), "float32"))),
    ]),
  );
}

/** The weights with such values, in the order of the layers, from the counts once they are read. */
export function nonFiniteOf(
  model: LayersModel,
  counts: Readonly<Record<string, number>>,
): NonFiniteWeight[] {
  return places(model)
    .map(({ layer, weight: { name, shape } }, i) => ({
      layer,
      weight: name,
      count: counts[i] ?? 0,
      size: shape.reduce<number>((product, length) => product * (length ?? 1), 1),
    }))
    .filter(({ count }) => count > 0);
}

/** All weights in the order of the layers. */
function places(model: LayersModel) {
  return model.layers.flatMap((layer) =>
    layer.weights.map((weight) => ({ layer: layer.name, weight }))
  );
}
