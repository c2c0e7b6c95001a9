/** Writes a text file so that there is all of it or none: under another name first, then renamed. */
export async function writeWhole(path: string, content: string): Promise<void> {
  const unfinished = `${path}.${Deno.pid}.tmp`;
  try {
    await Deno.writeTextFile(unfinished, content);
    await Deno.rename(unfinished, path);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {});
    throw error;
  }
}
