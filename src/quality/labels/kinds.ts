import { z } from 'zod'
import { findBoxErrors, findLabelErrors, findMaskErrors, labelErrorMethods, type Finding } from '#contract'
import { FoveaError, parseSampleId, silentProgress, type Operation } from '#base'
import { defineCheck } from '../checks/define.ts'
import {
  judgeShare,
  layerName,
  maxShare,
  namedSamples,
  nameSamples,
  sawNothing,
  showNumber,
  shownFindings,
} from '../checks/looked.ts'
import type { CheckContext, CheckKind, Looked } from '../types.ts'
import { createBoxErrors } from './operations/box-errors.ts'
import type { LabelDeps } from './operations/deps.ts'
import { createLabelErrors } from './operations/label-errors.ts'
import { createMaskErrors } from './operations/mask-errors.ts'

const predictions = z.string().min(1)
const threshold = (what: string): z.ZodDefault<z.ZodNumber> => z.number().min(0).max(1).default(0.5).describe(what)

/** What the operations on labels find, as checks of a suite: they judge alike, and write nothing. */
export function createLabelErrorKinds(deps: LabelDeps): CheckKind[] {
  const [classes, boxes, masks] = [createLabelErrors(deps), createBoxErrors(deps), createMaskErrors(deps)]
  return [
    defineCheck({
      name: 'label-errors',
      title: 'Classes that are probably wrong',
      group: 'labels',
      about:
        'Samples whose class a model that has not seen them holds for wrong: confident learning (Northcutt 2021, as in cleanlab) and plain disagreement, over k-fold models of the embeddings, or over the scored classes of a layer. As fovea quality label-errors.',
      severity: 'warn',
      needs: ['vectors'],
      parameters: z.object({
        layer: layerName,
        predictions: predictions
          .optional()
          .describe('Layer with scored classes of a model; without, models are made of the embeddings'),
        space: z.string().min(1).optional().describe('Embeddings to make models of; the main ones when left out'),
        method: z.enum(labelErrorMethods).default('auto').describe('What is held for an error'),
        folds: z.number().int().min(2).max(20).default(5).describe('Parts; each is judged by models of the others'),
        seed: z.number().int().min(0).default(0),
        max_share: maxShare(0.02),
      }),
      async look(context, { max_share, ...input }) {
        const answer = await askOperation(classes, context, input)
        if ('looked' in answer) return answer
        const { samples, count, worst } = findLabelErrors.output.parse(answer.output)
        return judgeShare({
          unit: 'samples',
          looked: samples,
          found: count,
          allowed: max_share,
          are: 'have a class that is probably wrong',
          nothing: 'No sample of the scope has one class and a model’s word on it.',
          ...nameSamples(
            worst.map(({ sample }) => [parseSampleId(sample)]),
            count,
          ),
          findings: show(worst, ({ class: given, suggested, quality, confidence }) => [
            quality,
            `${given}, probably ${suggested} (${showNumber(confidence)}; ${showNumber(quality)} for ${given})`,
          ]),
          hint: 'Write the suggestions with fovea quality label-errors, look, then take them over with fovea quality accept.',
        })
      },
    }),
    defineCheck({
      name: 'box-errors',
      title: 'Boxes that a model holds for wrong',
      group: 'labels',
      about:
        'Boxes that were overlooked, badly placed or given the wrong class, by the scored boxes of a model (ObjectLab, Tkachenko 2023, as in cleanlab). As fovea quality box-errors.',
      severity: 'warn',
      shorthand: 'predictions',
      needs: ['predictions'],
      parameters: z.object({
        predictions: predictions.describe('Layer with scored boxes of a model'),
        layer: layerName,
        threshold: threshold('Boxes that score below are errors'),
        max_share: maxShare(0.02),
      }),
      async look(context, { max_share, ...input }) {
        const answer = await askOperation(boxes, context, input)
        if ('looked' in answer) return answer
        const { samples, count, worst } = findBoxErrors.output.parse(answer.output)
        const wrong = worst.filter(({ errors }) => errors > 0)
        return judgeShare({
          unit: 'samples',
          looked: samples,
          found: count,
          allowed: max_share,
          are: 'have boxes that are probably wrong',
          nothing: 'No sample of the scope has boxes.',
          ...nameSamples(
            wrong.map(({ sample }) => [parseSampleId(sample)]),
            count,
          ),
          findings: show(wrong, ({ quality, what }) => [quality, what]),
          hint: 'Write the scores with fovea quality box-errors, then look at tag:box_error.',
        })
      },
    }),
    defineCheck({
      name: 'mask-errors',
      title: 'Masks that a model holds for wrong',
      group: 'labels',
      about:
        'Samples whose masks score below the threshold, pixel by pixel, against the scored masks of a model (soft minimum over pixels, as in cleanlab). As fovea quality mask-errors.',
      severity: 'warn',
      shorthand: 'predictions',
      needs: ['predictions'],
      parameters: z.object({
        predictions: predictions.describe('Layer with scored masks or polygons of a model'),
        layer: layerName,
        threshold: threshold('Samples that score below are errors'),
        max_share: maxShare(0.02),
      }),
      async look(context, { max_share, ...input }) {
        const answer = await askOperation(masks, context, input)
        if ('looked' in answer) return answer
        const { samples, count, worst } = findMaskErrors.output.parse(answer.output)
        const wrong = worst.slice(0, count)
        return judgeShare({
          unit: 'samples',
          looked: samples,
          found: count,
          allowed: max_share,
          are: 'have masks that are probably wrong',
          nothing: 'No sample of the scope has masks.',
          ...nameSamples(
            wrong.map(({ sample }) => [parseSampleId(sample)]),
            count,
          ),
          findings: show(wrong, ({ quality, doubted }) => [
            quality,
            `Quality ${showNumber(quality)}; the model doubts ${showNumber(100 * doubted)} % of the pixels`,
          ]),
          hint: 'Write the scores with fovea quality mask-errors, then look at tag:mask_error.',
        })
      },
    }),
  ]
}

/** Runs an operation over the scope without writing. Nothing to judge by is no error of a check, but nothing that was looked at. */
async function askOperation(
  { spec, handle }: Operation,
  { dataset, scope, signal }: CheckContext,
  input: object,
): Promise<{ output: unknown } | Looked> {
  const given = { ...input, dataset: dataset.name, query: scope, save: false, limit: namedSamples }
  const asked = spec.input.parse(given) as object
  try {
    const log = { info() {}, warn() {} }
    return { output: await handle(asked, { signal, progress: silentProgress, actor: 'check', log }) }
  } catch (error) {
    if (error instanceof FoveaError && (error.code === 'SPACE_NOT_FOUND' || error.code === 'INPUT_INVALID'))
      return sawNothing('samples', error.message, error.hint)
    throw error
  }
}

function show<Row extends { sample: string; path: string }>(
  rows: readonly Row[],
  tell: (row: Row) => [score: number, what: string],
): Finding[] {
  return rows.slice(0, shownFindings).map((row) => {
    const [score, what] = tell(row)
    return { sample: row.sample, path: row.path, label: null, other: null, score, what }
  })
}
