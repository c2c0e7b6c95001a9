/** Runs `body` with a directory of its own, which is removed afterwards. */
export async function withTempDir<Result>(
  body: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = await Deno.makeTempDir();
  try {
    return await body(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
