import type { Operation } from '#base'
import { createAccept } from './accept.ts'
import { createAgreement } from './agreement.ts'
import { createBoxErrors } from './box-errors.ts'
import type { LabelDeps } from './deps.ts'
import { createLabelErrors } from './label-errors.ts'
import { createMaskErrors } from './mask-errors.ts'

/** Handlers of `quality.*`. */
export function createLabelOperations(deps: LabelDeps): Operation[] {
  return [
    createLabelErrors(deps),
    createAccept(deps),
    createBoxErrors(deps),
    createMaskErrors(deps),
    createAgreement(deps),
  ]
}
