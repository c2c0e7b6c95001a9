/**
 * Whether a class is among the classes of an instance: what `instanceof` means, and does not mean for
 * tf.Optimizer, which takes whatever has its methods for an instance, also of its subclasses.
 */
export function isTrueInstance(of: { readonly prototype: object }, instance: unknown): boolean {
  return typeof instance === "object" && instance !== null &&
    Object.prototype.isPrototypeOf.call(of.prototype, instance);
}
