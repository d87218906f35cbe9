import type { Corruption } from '#contract'
import { corruptPicture, turnOf } from '#media'
import type { TaskModel } from '#models'
import type { ReleaseDeps } from '../deps.ts'
import { turnBack } from './turn-back.ts'

/** A model that sees every picture made worse; what it says is led back to the picture as it was. Files only, not bytes. */
export async function openCorrupted(
  { openModel, maxPixels }: Pick<ReleaseDeps, 'openModel' | 'maxPixels'>,
  folder: string,
  { corruption, severity }: { corruption: Corruption; severity: number },
): Promise<TaskModel> {
  const model = await openModel(folder)
  return {
    ...model,
    async prepare(picture) {
      if (!('file' in picture)) return model.prepare(picture)
      // Sharp tells less well what is wrong with a file than this does.
      await model.prepare(picture)
      const bytes = await corruptPicture(
        picture.file,
        { corruption, severity, seed: seedOf(picture.file) },
        { maxPixels },
      )
      return model.prepare({ bytes })
    },
    async predict(pictures) {
      const predictions = await model.predict(pictures)
      return predictions.map((prediction) => turnBack(prediction, turnOf(corruption, severity)))
    },
  }
}

/** The same picture gets the same noise, wherever the data lies. */
function seedOf(file: string): number {
  const name = file.split(/[/\\]/).at(-1)!
  let hash = 0
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0
  return hash >>> 0
}
