import type { Operation } from '#base'
import type { Catalog } from './catalog.ts'
import { createChangeOperations } from './operations/changes.ts'
import { createDatasetOperations } from './operations/datasets.ts'
import { createQueryOperations } from './operations/queries.ts'

/** Handlers of every operation the catalogue answers itself. */
export function createCatalogOperations({ catalog }: { catalog: Catalog }): Operation[] {
  return [...createDatasetOperations(catalog), ...createQueryOperations(catalog), ...createChangeOperations(catalog)]
}
