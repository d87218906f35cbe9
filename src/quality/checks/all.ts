import type { CheckKind } from '../types.ts'
import { createBalanceKinds } from './balance.ts'
import { createClassKinds } from './classes.ts'
import type { CheckDeps } from './deps.ts'
import { createDriftKinds } from './drift.ts'
import { createDuplicateKinds } from './duplicates.ts'
import { createGeometryKinds } from './geometry.ts'
import { createMeasureKinds } from './measures.ts'
import { createOutlierKinds } from './outliers.ts'
import { createModeKinds, createPictureKinds } from './pictures.ts'
import { createPillarKinds } from './pillars.ts'
import { createSchemaKinds } from './schema.ts'
import { createSourceKinds } from './sources.ts'

/** Every kind of check, in the order lists show them. */
export function createCheckKinds(deps: CheckDeps): CheckKind[] {
  return [
    ...createPictureKinds(deps),
    ...createModeKinds(deps),
    ...createMeasureKinds(deps),
    ...createDuplicateKinds(deps),
    ...createOutlierKinds(deps),
    ...createGeometryKinds(deps),
    ...createClassKinds(deps),
    ...createBalanceKinds(deps),
    ...createSourceKinds(deps),
    ...createDriftKinds(deps),
    ...createSchemaKinds(deps),
    ...createPillarKinds(deps),
  ]
}
