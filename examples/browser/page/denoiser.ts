import * as tfl from "@tensorflow/tfjs-layers";

type Symbolic = tfl.SymbolicTensor;

let built = 0;

/**
 * A dense network of the sample and the time, with a way around it whose scale depends on the time.
 *
 * @param size numbers of a sample
 * @param hidden units of each hidden layer
 */
export function newDenoiser(size: number, hidden: readonly number[]): tfl.LayersModel {
  built++;
  let seed = 0;
  const x = tfl.input({ shape: [size] }), t = tfl.input({ shape: [1] });
  const dense = (name: string, units: number, activation?: "relu") =>
    tfl.layers.dense({
      name: `${name}_${built}`,
      units,
      activation,
      kernelInitializer: tfl.initializers.heNormal({ seed: ++seed }),
      // Spreads the kinks of the units over the range of their inputs.
      biasInitializer: activation === undefined
        ? "zeros"
        : tfl.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed: ++seed }),
    });
  const time = dense("time", 32, "relu").apply(t) as Symbolic;
  let inside = tfl.layers.concatenate().apply([x, time]) as Symbolic;
  hidden.forEach((units, i) => {
    inside = dense(`hidden_${i}`, units, "relu").apply(inside) as Symbolic;
  });
  const around = tfl.layers.multiply().apply([
    x,
    dense("scale", size).apply(time) as Symbolic,
  ]) as Symbolic;
  const outputs = tfl.layers.add().apply([
    dense("last", size).apply(inside) as Symbolic,
    around,
  ]) as Symbolic;
  return tfl.model({ inputs: [x, t], outputs });
}
