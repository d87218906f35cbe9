import { FoveaError, throwIfAborted } from '#base'
import type { MediaRow } from '#catalog'
import type { PreparedPicture, Prediction, TaskModel } from '#models'

/** What a model said of a sample, or why its picture could not be read. */
export type Seen = { row: MediaRow } & ({ prediction: Prediction } | { fault: { what: string; fix: string } })

/** Where the bytes of a sample lie. */
export type FileOf = (sample: { source: string; md5: string }) => Promise<string>

/** Samples of one step: little enough to hold their predictions, maps of pixels among them. */
const batchSamples = 16

type Ready = { row: MediaRow } & ({ picture: PreparedPicture } | { fault: { what: string; fix: string } })

/**
 * Runs a model over samples, batch by batch in their order; the pictures of the next batch are decoded while the network looks at
 * this one. A picture that cannot be read is an answer. Throws MODEL_OUTPUT, MODEL_MISMATCH, CANCELLED.
 */
export async function* predictSamples(
  model: TaskModel,
  rows: readonly MediaRow[],
  { fileOf, signal }: { fileOf: FileOf; signal: AbortSignal },
): AsyncGenerator<Seen[]> {
  const ready = (from: number): Promise<Ready[]> =>
    Promise.all(rows.slice(from, from + batchSamples).map((row) => prepare(model, row, fileOf)))
  let next = ready(0)
  // Awaited below; a refusal that comes before that is not lost, and must not end the process.
  next.catch(() => {})
  for (let from = 0; from < rows.length; from += batchSamples) {
    throwIfAborted(signal)
    const batch = await next
    next = ready(from + batchSamples)
    next.catch(() => {})
    const pictures = batch.flatMap((each) => ('picture' in each ? [each.picture] : []))
    const predictions = (await model.predict(pictures)).values()
    yield batch.map((each) =>
      'fault' in each ? each : { row: each.row, prediction: predictions.next().value as Prediction },
    )
  }
}

async function prepare(model: TaskModel, row: MediaRow, fileOf: FileOf): Promise<Ready> {
  try {
    return { row, picture: await model.prepare({ file: await fileOf(row) }) }
  } catch (error) {
    if (error instanceof FoveaError && error.code.startsWith('MEDIA_'))
      return { row, fault: { what: error.message, fix: error.hint ?? 'Put the file back as it was imported.' } }
    throw error
  }
}
