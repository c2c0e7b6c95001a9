import { cast, keep, mul, scalar, type Tensor, tidy } from "@tensorflow/tfjs-core";

/** The same values in a buffer of their own, kept. */
export function copyTensor(tensor: Tensor): Tensor {
  return keep(tidy(() => {
    if (tensor.dtype === "bool") {
      return cast(mul(cast(tensor, "int32"), scalar(1, "int32")), "bool");
    }
    return mul(tensor, scalar(1, tensor.dtype as "float32" | "int32"));
  }));
}
