import type { QuerySchema } from '#query'
import type { Reading } from '../database.ts'
import type { DatasetRef, QualityPort, QualityScope, Selection } from '../types.ts'
import { countAcross, countCategories, countClasses, measureTelling, summariseGroups } from './quality-counts.ts'
import { findCopies, findSharedHashes } from './quality-hashes.ts'
import { findDoubledBoxes, findLabelFaults, readPolygons, summariseAreas } from './quality-labels.ts'
import { countBins, countScope, findOutside, pickSamples, readMeasures, summariseMeasures } from './quality-measures.ts'
import { findGaps, findNewest, findUnknownOrigins, readProblemFiles } from './quality-origin.ts'
import { compileScope, scopeQuery, type ScopedSql } from './quality-scope.ts'
import { readMedia } from './vector-rows.ts'

/** What data tests read. `prepare` readies the dictionary for what a query asks by looks. */
export function createQualityReads(deps: {
  db: Reading
  schemaOf(dataset: DatasetRef): Promise<QuerySchema>
  prepare(dataset: DatasetRef, schema: QuerySchema, selection: Selection): Promise<QuerySchema>
}): QualityPort {
  const { db, schemaOf, prepare } = deps
  const open = async (dataset: DatasetRef, scope: QualityScope): Promise<ScopedSql> => {
    const schema = await schemaOf(dataset)
    const { text, schema: sliced } = scopeQuery(schema, scope)
    return compileScope({ ...(await prepare(dataset, sliced, { query: text })), slices: schema.slices }, scope)
  }
  return {
    schemaOf,
    count: async (dataset, scope) => countScope(db, await open(dataset, scope)),
    async ids(dataset, scope, limit) {
      return (await pickSamples(db, await open(dataset, scope), undefined, limit)).map(({ id }) => id)
    },
    async pathsOf(dataset, ids) {
      const rows = await readMedia(db, await schemaOf(dataset), ids)
      return new Map(rows.map(({ id, path }) => [id, path]))
    },
    pick: async (dataset, scope, by, limit) => pickSamples(db, await open(dataset, scope), by, limit),
    summarise: async (dataset, scope, measures) => summariseMeasures(db, await open(dataset, scope), measures),
    outside: async (dataset, scope, bounds, limit) => findOutside(db, await open(dataset, scope), bounds, limit),
    bins: async (dataset, scope, measure, edges) => countBins(db, await open(dataset, scope), measure, edges),
    measures: async (dataset, scope, measures, limit) => readMeasures(db, await open(dataset, scope), measures, limit),
    categories: async (dataset, scope, field, limit) => countCategories(db, await open(dataset, scope), field, limit),
    classCounts: async (dataset, scope, layer) => countClasses(db, await open(dataset, scope), layer),
    crossCounts: async (dataset, scope, field, layer) => countAcross(db, await open(dataset, scope), field, layer),
    groups: async (dataset, scope, field, measures, limit) =>
      summariseGroups(db, await open(dataset, scope), field, measures, limit),
    telling: async (dataset, scope, fields, layer, maxValues) =>
      measureTelling(db, await open(dataset, scope), fields, layer, maxValues),
    copies: async (dataset, scope, hash, limit) => findCopies(db, await open(dataset, scope), hash, limit),
    sharedHashes: async (dataset, scope, hash, limit) => findSharedHashes(db, await open(dataset, scope), hash, limit),
    labelFaults: async (dataset, scope, layer, rule, limit) =>
      findLabelFaults(db, await open(dataset, scope), layer, rule, limit),
    doubledBoxes: async (dataset, scope, layer, iou, limit) =>
      findDoubledBoxes(db, await open(dataset, scope), layer, iou, limit),
    labelAreas: async (dataset, scope, layer) => summariseAreas(db, await open(dataset, scope), layer),
    async *polygons(dataset, scope, layer) {
      yield* readPolygons(db, await open(dataset, scope), layer)
    },
    newest: async (dataset, scope, field) => findNewest(db, await open(dataset, scope), field),
    gaps: async (dataset, scope, field, longerThan, limit) =>
      findGaps(db, await open(dataset, scope), field, longerThan, limit),
    unknownOrigins: async (dataset, scope, operations, limit) =>
      findUnknownOrigins(db, await open(dataset, scope), operations, limit),
    async problemFiles(dataset, codes, limit) {
      return readProblemFiles(db, dataset, (await schemaOf(dataset)).tables.samples, codes, limit)
    },
  }
}
