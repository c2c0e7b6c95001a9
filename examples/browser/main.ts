/// <reference lib="dom" />
/**
 * A page that trains a network to tell two spirals apart, and draws how it sees the plane meanwhile.
 * `deno task browser` bundles and serves it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { adamf, initBackend } from "@signalfit/tfjs";

const POINTS = 1000, BATCH = 50, SIDE = 64;
const find = (name: string) => document.getElementById(name)!;
const button = find("start") as HTMLButtonElement;

/** Draws for every place which spiral the network sees there, and the points. */
async function draw(model: tfl.LayersModel): Promise<void> {
  const seen = tf.tidy(() => {
    const line = tf.linspace(-1.1, 1.1, SIDE), [x, y] = tf.meshgrid(line, tf.neg(line));
    return model.predict(tf.stack([tf.reshape(x!, [-1]), tf.reshape(y!, [-1])], 1)) as tf.Tensor;
  });
  const values = await seen.data(), image = new ImageData(SIDE, SIDE);
  seen.dispose();
  values.forEach((p: number, i: number) =>
    image.data.set([255 * p, 120, 255 * (1 - p), 150], 4 * i)
  );
  const pen = (find("plane") as HTMLCanvasElement).getContext("2d")!, { width } = pen.canvas;
  const small = new OffscreenCanvas(SIDE, SIDE);
  small.getContext("2d")!.putImageData(image, 0, 0);
  pen.clearRect(0, 0, width, width);
  pen.drawImage(small, 0, 0, width, width);
  sides.forEach((side: number, i: number) => {
    const [x, y] = [places[2 * i]!, places[2 * i + 1]!].map((place) => place / 1.1);
    pen.fillStyle = side === 1 ? "#b3261e" : "#123a8c";
    pen.fillRect((x! + 1) * width / 2 - 1.5, (1 - y!) * width / 2 - 1.5, 3, 3);
  });
}

setWasmPaths("wasm/"); // where tfjs's .wasm files are served
const wanted = new URLSearchParams(location.search).get("backend") as "webgpu" | "wasm" | "cpu";
const { backend } = await initBackend(wanted ?? undefined); // else the fastest
find("backend").textContent = `Backend: ${backend}`;

// Points of two spirals in [-1, 1] x [-1, 1], and which of the two each belongs to.
const { x, y } = tf.tidy(() => {
  const angle = tf.randomUniform([POINTS, 1], 0.5, 9, "float32", 1);
  const coin = tf.randomUniform([POINTS, 1], 0, 1, "float32", 2);
  const isSecond = tf.cast(tf.less(coin, 0.5), "float32");
  const turned = tf.add(angle, tf.mul(Math.PI, isSecond)), radius = tf.div(angle, 9);
  const places = [tf.mul(radius, tf.cos(turned)), tf.mul(radius, tf.sin(turned))];
  return { x: tf.concat(places, 1), y: isSecond };
});
const [places, sides] = await Promise.all([x.data(), y.data()]);
const relu = (units: number) => tfl.layers.dense({ units, activation: "relu" });
const first = tfl.layers.dense({ units: 64, inputShape: [2], activation: "relu" });
const last = tfl.layers.dense({ units: 1, activation: "sigmoid" });
const model = tfl.sequential({ layers: [first, relu(64), last] });
const optimizer = adamf({ learningRate: 0.01 });
model.compile({ optimizer, loss: "binaryCrossentropy", metrics: ["accuracy"] });
let epochs = 0;
await draw(model);
button.disabled = false;
button.addEventListener("click", async () => {
  if (button.textContent === "Pause") {
    button.disabled = model.stopTraining = true; // until the present batch is done
    return;
  }
  button.textContent = "Pause";
  const onEpochEnd = async (_: number, logs?: tfl.Logs) => {
    find("epoch").textContent = String(++epochs);
    find("loss").textContent = logs!.loss!.toFixed(4);
    find("accuracy").textContent = `${(100 * logs!.acc!).toFixed(1)} %`;
    await draw(model);
    await new Promise((resolve) => setTimeout(resolve)); // for clicks and drawing
  };
  const callbacks = { onEpochEnd };
  await model.fit(x, y, { epochs: 100, batchSize: BATCH, callbacks, verbose: 0 });
  button.textContent = "Start";
  button.disabled = false;
});
