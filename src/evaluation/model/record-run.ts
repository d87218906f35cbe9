import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toFoveaError } from '#base'
import type { RunStore, RunWriter } from '#experiments'
import type { DataSelection } from '#models'

/** Name of the artefact, and of what is attached to a version of a model. */
export const evaluationFile = 'evaluation.json'

/** Tracks an evaluation as a run: open while it works, then done, failed or cancelled. */
export async function recordRun<Result>(
  runs: RunStore,
  about: Parameters<RunStore['start']>[0],
  work: (run: RunWriter) => Promise<Result>,
): Promise<Result> {
  const run = await runs.start(about)
  try {
    const result = await work(run)
    await run.end('done')
    return result
  } catch (thrown) {
    const { code, message, hint } = toFoveaError(thrown)
    await run.end(code === 'CANCELLED' ? 'cancelled' : 'failed', {
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
    })
    throw thrown
  }
}

/** Writes a result beside the run, and its figures as metrics. */
export async function keepResult(
  run: RunWriter,
  result: object,
  figures: Readonly<Record<string, number | null>>,
): Promise<string> {
  const text = `${JSON.stringify(result, null, 2)}\n`
  await writeFile(join(run.artefacts, evaluationFile), text)
  const known = Object.fromEntries(
    Object.entries(figures).filter((entry): entry is [string, number] => entry[1] !== null),
  )
  if (Object.keys(known).length > 0) await run.logMetrics(known)
  return text
}

/** What was judged: ids and digests of pictures, in id order. */
export function describeJudged(
  rows: readonly { id: number; md5: string }[],
  { dataset, query, truth }: { dataset: string; query: string; truth: string },
): DataSelection {
  const hash = createHash('sha256')
  for (const { id, md5 } of rows.toSorted((a, b) => a.id - b.id)) hash.update(`${id} ${md5}\n`)
  return { dataset, query, layer: truth, samples: 0, validation: rows.length, digest: hash.digest('hex') }
}
