// evaluation: how good predictions are: layers of predictions against layers of truth, by the definitions of the field's references.
// It refuses to run models and to write but through the catalogue's door. Start with operations/; the figures are plain functions on
// typed arrays (detection/, classes/, masks/).
import type { Operation } from '#base'
import type { EvaluationPort } from '#catalog'
import { createBoxEvaluation } from './operations/boxes.ts'
import { createClassEvaluation } from './operations/classes.ts'
import { createMaskEvaluation } from './operations/masks.ts'

export { evaluateBoxes } from './detection/coco.ts'

/** Handlers of evaluation.*. */
export function createEvaluationOperations(deps: { catalog: EvaluationPort }): Operation[] {
  return [createBoxEvaluation(deps), createClassEvaluation(deps), createMaskEvaluation(deps)]
}
