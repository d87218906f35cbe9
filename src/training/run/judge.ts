import type { EvaluationResult } from '#contract'
import { formatSampleId, type CallContext } from '#base'
import { writeFields, type EvaluationPort } from '#catalog'
import type { Judge } from '../deps.ts'

export interface JudgePort {
  catalog: Pick<EvaluationPort, 'schemaOf' | 'openChange'>
  /** Runs an operation of another room inside this one. */
  callOperation: (id: string, input: unknown, context: CallContext) => Promise<unknown>
}

/** Field that says of each sample which part of a training it was in. */
const partField = (model: string): string =>
  `${model.slice(0, model.lastIndexOf(':')).replaceAll(/[^A-Za-z0-9_]/g, '_')}_part`

/**
 * Judges by the rooms that do so for everybody: the part of each sample becomes a field, what the model says of those held out a layer under
 * its name, and its figures an evaluation of their own.
 */
export function createJudge({ catalog, callOperation }: JudgePort): Judge {
  return async ({ model, dataset, train, heldOut, layer, normal }, context) => {
    const normality = normal === undefined ? {} : { normal: [normal] }
    // Nothing can be written into a version, so those held out are named one by one.
    if (dataset.version !== undefined)
      return {
        metrics: figuresOf(
          await callOperation(
            'evaluation.model',
            { model, dataset: dataset.name, samples: heldOut.map(formatSampleId), truth: layer, ...normality },
            context,
          ),
        ),
        query: null,
      }
    const field = partField(model)
    await writeFields(
      catalog,
      {
        dataset,
        actor: context.actor,
        operation: 'training.train',
        summary: `Told what ${model} learnt from and what was held out`,
      },
      { [field]: { type: 'string', values: [...train.map(() => 'train'), ...heldOut.map(() => 'validation')] } },
      [...train, ...heldOut],
    )
    const asked = { model, dataset: dataset.name, query: `${field} = "validation"` }
    await callOperation('models.predict', { ...asked, replace: true, addClasses: true }, context)
    const judged = await callOperation('evaluation.model', { ...asked, truth: layer, ...normality }, context)
    return { metrics: figuresOf(judged), query: asked.query }
  }
}

function figuresOf(judged: unknown): Record<string, number> {
  const { figures } = judged as EvaluationResult
  const values = Object.entries(figures).flatMap(([name, { value }]) =>
    value === null ? [] : [[name, value] as const],
  )
  return Object.fromEntries(values)
}
