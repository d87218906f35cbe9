import type { DatasetRef } from '#catalog'

/** Input of an evaluation, which writes nothing into a version: what it finds there is only told. */
export function onlyToldOfVersions<Input extends { dryRun: boolean }>(asked: Input, dataset: DatasetRef): Input {
  return { ...asked, dryRun: asked.dryRun || dataset.version !== undefined }
}
