/** An initializer as a topology holds it. */
interface Initializer {
  readonly config?: { readonly seed?: number | null };
}

/**
 * A topology whose random initial weights come from a seed. Initializers that have a seed of their own
 * keep it.
 */
export function seedInitializers<Topology>(topology: Topology, seed: number): Topology {
  let next = seed;
  const copy = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((each) => copy(each, ""));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([name, each]) => [name, copy(each, name)]);
    const copied = Object.fromEntries(entries) as Initializer;
    const { config } = copied;
    const isInitializer = /initializer$/i.test(key) && typeof config === "object";
    return isInitializer && (config.seed ?? null) === null
      ? { ...copied, config: { ...config, seed: next++ } }
      : copied;
  };
  return copy(topology, "") as Topology;
}
