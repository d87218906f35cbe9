import {
  checkQuery as checkSpec,
  completeQuery as completeSpec,
  countQuery,
  folderTree,
  readLabels,
  runQuery,
  showSample,
  stats,
} from '#contract'
import { implement, parseSampleId, type Operation } from '#base'
import { checkQuery, completeQuery } from '#query'
import type { Catalog } from '../catalog.ts'

/** Handlers of `query.*` and `sample.show`. */
export function createQueryOperations(catalog: Catalog): Operation[] {
  return [
    implement(runQuery, async ({ dataset: name, query, fields, limit, offset }) => {
      const dataset = await catalog.resolveDataset(name)
      const selection = { query }
      const [rows, total] = await Promise.all([
        catalog.page(dataset, { selection, fields, limit, offset }),
        catalog.count(dataset, selection),
      ])
      return { rows, total }
    }),
    implement(countQuery, async ({ dataset, query }) => ({
      count: await catalog.count(await catalog.resolveDataset(dataset), { query }),
    })),
    implement(completeSpec, async ({ dataset: name, query, at, limit }) => {
      const dataset = await catalog.resolveDataset(name)
      const schema = await catalog.schemaWithCounts(dataset)
      const values = (field: string, prefix: string): ReturnType<Catalog['values']> =>
        catalog.values(dataset, field, prefix, limit)
      return { suggestions: await completeQuery(query, at ?? query.length, schema, { limit, values }) }
    }),
    implement(checkSpec, async ({ dataset, query }) => {
      const problems = checkQuery(query, await catalog.schemaOf(await catalog.resolveDataset(dataset)))
      return { ok: problems.length === 0, problems }
    }),
    implement(stats, async ({ dataset, query, by, bins, top }) =>
      catalog.stats(await catalog.resolveDataset(dataset), { selection: { query }, by, bins, top }),
    ),
    implement(folderTree, async ({ dataset, query, depth }) => ({
      folders: await catalog.tree(await catalog.resolveDataset(dataset), { query }, depth),
    })),
    implement(readLabels, async ({ dataset, samples, layer }) => ({
      samples: await catalog.labelsOf(await catalog.resolveDataset(dataset), samples.map(parseSampleId), layer),
    })),
    implement(showSample, async ({ sample, dataset }) =>
      catalog.sample(parseSampleId(sample), dataset === undefined ? undefined : await catalog.resolveDataset(dataset)),
    ),
  ]
}
