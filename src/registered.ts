import { serialization } from "@tensorflow/tfjs-core";

/**
 * Makes tfjs know a class by its name, for models saved with it. Called by a static field of the
 * class, so that a bundler keeps both or, where nobody uses the class, neither.
 */
export function registered<T extends serialization.Serializable>(
  cls: serialization.SerializableConstructor<T>,
): true {
  serialization.registerClass(cls);
  return true;
}
