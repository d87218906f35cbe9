import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { recordGolden as spec } from '#contract'
import { FoveaError, implement, throwIfAborted, type Operation } from '#base'
import type { ReleaseDeps } from '../deps.ts'
import { askGolden } from './ask.ts'
import { writeGolden } from './store.ts'

/** Handler of gate.golden. */
export function createGoldenOperation({ catalog, registry, openModel, fileOf }: ReleaseDeps): Operation {
  return implement(spec, async (input, context) => {
    const models = await registry()
    const version = await models.load(input.model)
    const dataset = await catalog.resolveDataset(input.dataset ?? version.data?.dataset)
    const ids = await catalog.idsOf(dataset, { query: input.query })
    if (ids.length === 0)
      throw new FoveaError('INPUT_INVALID', `No sample of ${dataset.name} meets ${JSON.stringify(input.query)}.`, {
        hint: 'Give a query that selects pictures to keep.',
      })
    const chosen = spreadEvenly(ids, input.count)
    const rows = new Map((await catalog.mediaOf(dataset, chosen)).map((row) => [row.id, row]))
    const model = await openModel(version.folder)
    try {
      const pictures: Parameters<typeof writeGolden>[2][number][] = []
      for (const id of chosen) {
        throwIfAborted(context.signal)
        const row = rows.get(id)!
        const bytes = await readFile(await fileOf(row))
        pictures.push({
          file: `${String(pictures.length + 1).padStart(2, '0')}${extname(row.path).toLowerCase()}`,
          bytes,
          answer: await askGolden(model, bytes),
        })
        context.progress.report({ stage: 'record', done: pictures.length, total: chosen.length, unit: 'pictures' })
      }
      const reference = `${version.model}:${version.version}`
      await writeGolden(models, reference, pictures)
      return { model: reference, pictures: pictures.map(({ file }) => file) }
    } finally {
      await model.close()
    }
  })
}

/** At most `count` of a list, evenly over its length, the first among them. */
function spreadEvenly<T>(list: readonly T[], count: number): T[] {
  const step = Math.max(1, list.length / count)
  return Array.from({ length: Math.min(count, list.length) }, (_, i) => list[Math.floor(i * step)]!)
}
