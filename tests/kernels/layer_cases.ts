import * as tfl from "@tensorflow/tfjs-layers";

const { layers } = tfl;

/** A layer of tfjs, with the shapes of what goes in, without the batch. */
export interface LayerCase {
  /** Name of its factory in `tf.layers`. */
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly make: () => tfl.layers.Layer;
  /** Whether inputs are indices below 5. */
  readonly indices?: boolean;
  /** Whether it draws random numbers: results are not compared. */
  readonly random?: boolean;
}

// tfjs's own, an orthogonal matrix, calls chained operations that only the whole tfjs registers
const START = { recurrentInitializer: "glorotUniform" } as const;

const IMAGE = [6, 7, 3], SEQUENCE = [5, 4], FLAT = [6], VOLUME = [4, 5, 4, 2];

const one = (
  name: string,
  shape: readonly number[],
  make: () => tfl.layers.Layer,
  rest: { indices?: boolean; random?: boolean } = {},
): LayerCase => ({ name, shapes: [shape], make, ...rest });

const joined = (name: "add" | "average" | "concatenate" | "maximum" | "minimum" | "multiply") =>
  ({ name, shapes: [FLAT, FLAT], make: () => layers[name]({}) }) satisfies LayerCase;

/** An example or more of each layer of tfjs through which a gradient goes. */
export const LAYER_CASES: readonly LayerCase[] = [
  one("activation", FLAT, () => layers.activation({ activation: "swish" })),
  one("activation", FLAT, () => layers.activation({ activation: "hardSigmoid" })),
  joined("add"),
  one("alphaDropout", FLAT, () => layers.alphaDropout({ rate: 0.3 }), { random: true }),
  joined("average"),
  one("averagePooling1d", SEQUENCE, () => layers.averagePooling1d({ poolSize: 2 })),
  one("averagePooling2d", IMAGE, () => layers.averagePooling2d({ poolSize: 2, padding: "same" })),
  one("averagePooling3d", VOLUME, () => layers.averagePooling3d({ poolSize: 2 })),
  one("batchNormalization", IMAGE, () => layers.batchNormalization()),
  one("bidirectional", SEQUENCE, () =>
    layers.bidirectional({
      layer: layers.gru({ ...START, units: 3, returnSequences: true }) as tfl.layers.RNN,
      mergeMode: "concat",
    })),
  joined("concatenate"),
  one("conv1d", SEQUENCE, () => layers.conv1d({ filters: 3, kernelSize: 2, padding: "same" })),
  one("conv2d", IMAGE, () => layers.conv2d({ filters: 4, kernelSize: 3, strides: 2 })),
  one(
    "conv2dTranspose",
    IMAGE,
    () => layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: "same" }),
  ),
  one("conv3d", VOLUME, () => layers.conv3d({ filters: 3, kernelSize: 2, padding: "same" })),
  one(
    "convLstm2d",
    [3, ...IMAGE],
    () => layers.convLstm2d({ ...START, filters: 2, kernelSize: 2 }),
  ),
  one("cropping2D", IMAGE, () => layers.cropping2D({ cropping: [[1, 2], [0, 1]] })),
  one("dense", FLAT, () => layers.dense({ units: 4, activation: "relu" })),
  one("dense", SEQUENCE, () => layers.dense({ units: 3, activation: "softmax" })),
  one(
    "depthwiseConv2d",
    IMAGE,
    () => layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }),
  ),
  { name: "dot", shapes: [FLAT, FLAT], make: () => layers.dot({ axes: 1, normalize: true }) },
  one("dropout", FLAT, () => layers.dropout({ rate: 0.3 }), { random: true }),
  one("elu", FLAT, () => layers.elu()),
  one("embedding", [4], () => layers.embedding({ inputDim: 5, outputDim: 3 }), { indices: true }),
  one("flatten", IMAGE, () => layers.flatten()),
  one("gaussianDropout", FLAT, () => layers.gaussianDropout({ rate: 0.3 }), { random: true }),
  one("gaussianNoise", FLAT, () => layers.gaussianNoise({ stddev: 0.3 }), { random: true }),
  one("globalAveragePooling1d", SEQUENCE, () => layers.globalAveragePooling1d()),
  one("globalAveragePooling2d", IMAGE, () => layers.globalAveragePooling2d({})),
  one("globalMaxPooling1d", SEQUENCE, () => layers.globalMaxPooling1d()),
  one("globalMaxPooling2d", IMAGE, () => layers.globalMaxPooling2d({})),
  one("gru", SEQUENCE, () => layers.gru({ ...START, units: 3 })),
  one("layerNormalization", SEQUENCE, () => layers.layerNormalization()),
  one("leakyReLU", FLAT, () => layers.leakyReLU()),
  one("lstm", SEQUENCE, () => layers.lstm({ ...START, units: 3, returnSequences: true })),
  one("maxPooling1d", SEQUENCE, () => layers.maxPooling1d({ poolSize: 2 })),
  one(
    "maxPooling2d",
    IMAGE,
    () => layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }),
  ),
  one("maxPooling3d", VOLUME, () => layers.maxPooling3d({ poolSize: 2 })),
  joined("maximum"),
  joined("minimum"),
  joined("multiply"),
  one("permute", SEQUENCE, () => layers.permute({ dims: [2, 1] })),
  one("prelu", FLAT, () => layers.prelu({ alphaInitializer: "ones" })),
  one("reLU", FLAT, () => layers.reLU({ maxValue: 1 })),
  one("repeatVector", FLAT, () => layers.repeatVector({ n: 3 })),
  one("rescaling", IMAGE, () => layers.rescaling({ scale: 2, offset: 1 })),
  one("reshape", FLAT, () => layers.reshape({ targetShape: [2, 3] })),
  one(
    "rnn",
    SEQUENCE,
    () => layers.rnn({ cell: layers.lstmCell({ ...START, units: 3 }) }) as tfl.layers.Layer,
  ),
  one("separableConv2d", IMAGE, () => layers.separableConv2d({ filters: 4, kernelSize: 3 })),
  one("simpleRNN", SEQUENCE, () => layers.simpleRNN({ ...START, units: 3 })),
  one("softmax", FLAT, () => layers.softmax()),
  one("spatialDropout1d", SEQUENCE, () => layers.spatialDropout1d({ rate: 0.3 }), { random: true }),
  one("stackedRNNCells", SEQUENCE, () =>
    layers.rnn({
      cell: layers.stackedRNNCells({
        cells: [
          layers.simpleRNNCell({ ...START, units: 3 }),
          layers.gruCell({ ...START, units: 2 }),
        ],
      }) as never,
    }) as tfl.layers.Layer),
  one(
    "timeDistributed",
    SEQUENCE,
    () => layers.timeDistributed({ layer: layers.dense({ units: 2 }) }),
  ),
  one("upSampling2d", IMAGE, () => layers.upSampling2d({ size: [2, 3] })),
  one("upSampling2d", IMAGE, () => layers.upSampling2d({ interpolation: "bilinear" })),
  one("zeroPadding2d", IMAGE, () => layers.zeroPadding2d({ padding: [1, 2] })),
];

/**
 * Factories that make no layer of their own with a backward pass: base classes and cells, which stand in
 * the layers above; other names of them; those that prepare data; and three that tfjs has no
 * gradient of on any backend.
 */
export const NO_LAYER_CASES: ReadonlySet<string> = new Set([
  ...["Layer", "RNN", "RNNCell", "input", "inputLayer"],
  ...["convLstm2dCell", "gruCell", "lstmCell", "simpleRNNCell"],
  ...["averagePool1d", "averagePool2d", "averagePool3d", "avgPool1d", "avgPool2d", "avgPool3d"],
  ...["avgPooling1d", "avgPooling2d", "avgPooling3d", "globalMaxPool1d", "globalMaxPool2d"],
  ...["maxPool1d", "maxPool2d"],
  ...[
    "categoryEncoding",
    "centerCrop",
    "resizing",
    "randomWidth",
    "conv3dTranspose",
    "masking",
    "thresholdedReLU",
  ],
]);
