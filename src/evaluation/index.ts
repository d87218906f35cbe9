// evaluation: how good predictions are: layers and models against the truth, by the definitions of the field's references, and what
// runs registered models over samples. It refuses to train, to serve, and to write but through the catalogue's door. Start with
// operations/ (layers), predict/ and model/; the figures are plain functions on typed arrays (detection/, classes/, masks/, …).
import type { Operation } from '#base'
import type { EvaluationPort } from '#catalog'
import { createBoxEvaluation } from './operations/boxes.ts'
import { createClassEvaluation } from './operations/classes.ts'
import { createMaskEvaluation } from './operations/masks.ts'
import { createModelComparison } from './model/compare.ts'
import { createModelEvaluation, createShowEvaluation } from './model/evaluate.ts'
import { createPredictOperation, type PredictionDeps } from './predict/operation.ts'

export { measureRanked, rankScores } from './anomaly/index.ts'
export { compareJudged } from './model/compare.ts'
export { judgeModel, type JudgedModel } from './model/judge-model.ts'
export { readEvaluation } from './model/read-evaluation.ts'
export { describeJudged, recordRun } from './model/record-run.ts'
export { bootstrap } from './scores/bootstrap.ts'
export { evaluateBoxes } from './detection/coco.ts'

/** Handlers of evaluation.*. */
export function createEvaluationOperations(deps: { catalog: EvaluationPort }): Operation[] {
  return [createBoxEvaluation(deps), createClassEvaluation(deps), createMaskEvaluation(deps)]
}

/** Handlers of what runs registered models over samples. */
export function createPredictionOperations(deps: PredictionDeps): Operation[] {
  return [
    createPredictOperation(deps),
    createModelEvaluation(deps),
    createShowEvaluation(deps),
    createModelComparison(deps),
  ]
}
