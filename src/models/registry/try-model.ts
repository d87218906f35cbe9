/** Opens the network of a folder, which holds it against its card and runs it once. Throws MODEL_INVALID, MODEL_MISMATCH, MODEL_OUTPUT. */
export async function tryTaskModel({ folder, maxPixels }: { folder: string; maxPixels: number }): Promise<void> {
  const { openTaskModel } = await import('../tasks/open.ts')
  await (await openTaskModel({ folder, threads: 1, maxPixels })).close()
}
