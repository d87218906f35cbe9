import { evaluationSchema, type EvaluationResult } from '#contract'
import { FoveaError } from '#base'
import type { ModelRegistry } from '#models'
import { evaluationFile } from './record-run.ts'

/** The last evaluation kept beside a version; undefined where there is none. `reference`: NAME:VERSION. */
export async function readEvaluation(
  registry: Pick<ModelRegistry, 'readAttached'>,
  reference: string,
): Promise<EvaluationResult | undefined> {
  try {
    const bytes = await registry.readAttached(reference, evaluationFile)
    return evaluationSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch (error) {
    if (error instanceof FoveaError && error.code === 'SOURCE_NOT_FOUND') return undefined
    throw error
  }
}
