import { z } from 'zod'
import type { Finding } from '#contract'
import type { DatasetRef } from '#catalog'
import { FoveaError } from '#base'
import type { CheckContext, CheckKind } from '../types.ts'
import { defineCheck } from './define.ts'
import type { CheckDeps } from './deps.ts'
import { findSample, findWhole, judgeFigure, layerName, sawNothing, showNumber, shownFindings } from './looked.ts'
import { drawBars, drawHistogram } from './plots.ts'
import { driftHint, judgeCategories } from './categories.ts'
import { tellApart } from './statistics/classifier.ts'
import { measureKs } from './statistics/distances.ts'

/** What dataset drift looks at when nothing else is asked: cheap figures that import measured. */
const cheapFields = [
  'width',
  'height',
  'aspect',
  'brightness',
  'contrast',
  'sharpness',
  'entropy',
  'saturation',
  'red',
  'green',
  'blue',
]
const folds = 5

export interface Reference {
  dataset: DatasetRef
  query: string
}

/** Throws INPUT_INVALID where the caller named nothing to compare with. */
export function requireReference({ reference }: CheckContext): Reference {
  if (reference !== undefined) return reference
  throw new FoveaError('INPUT_INVALID', 'This check compares with other data, and none was named.', {
    hint: 'Name a version, a slice or a query with --against.',
  })
}

/** Kinds that ask whether data has changed against a reference. */
export function createDriftKinds({ catalog }: CheckDeps): CheckKind[] {
  return [
    defineCheck({
      name: 'drift',
      title: 'Drift of a property',
      group: 'drift',
      about:
        'Distribution of a field against the reference: the Kolmogorov-Smirnov statistic of numbers (below 0.2, deepchecks), Cramér’s V of texts (below 0.15).',
      severity: 'warn',
      needs: ['against'],
      parameters: z.object({
        field: z.string().min(1).default('brightness').describe('Field of numbers or text, size or objects'),
        threshold: z
          .number()
          .min(0)
          .max(1)
          .optional()
          .describe('Greatest distance, 0 to 1; 0.2 for numbers, 0.15 for text'),
      }),
      async look(context, { field, threshold }) {
        const { dataset, scope } = context
        const reference = requireReference(context)
        const type = (await catalog.schemaOf(dataset)).fields.find(({ name }) => name === field)?.type
        if (type === 'string' || type === 'boolean') {
          const mine = await catalog.categories(dataset, { scope }, field, categoriesKept)
          const theirs = await catalog.categories(reference.dataset, { scope: reference.query }, field, categoriesKept)
          return judgeCategories(mine, theirs, { of: field, unit: 'samples', allowed: threshold ?? 0.15 })
        }
        const [mine] = await catalog.measures(dataset, { scope }, [field])
        const [theirs] = await catalog.measures(reference.dataset, { scope: reference.query }, [field])
        const value = measureKs(mine!, theirs!)
        const looked = mine!.reduce((sum, one) => sum + (Number.isNaN(one) ? 0 : 1), 0)
        if (Number.isNaN(value))
          return sawNothing('samples', `${looked === 0 ? 'The scope' : 'The reference'} has no ${field} to compare.`)
        const allowed = threshold ?? 0.2
        const drifted = value > allowed
        return judgeFigure({
          unit: 'samples',
          looked,
          found: drifted ? looked : 0,
          value,
          allowed,
          message: `${field} lies ${showNumber(value)} (Kolmogorov-Smirnov) from the reference; up to ${allowed} is no drift.`,
          query: scope.trim() === '' ? null : scope,
          findings: drifted ? await findMoved(dataset, scope, field, mine!, theirs!) : [],
          plot: await drawHistogram(catalog, dataset, { scope }, field, {
            reference: { dataset: reference.dataset, scope: { scope: reference.query } },
          }),
          hint: driftHint,
        })
      },
    }),
    defineCheck({
      name: 'label-drift',
      title: 'Drift of labels',
      group: 'drift',
      about:
        'Labels against the reference: Cramér’s V of their classes, or the Kolmogorov-Smirnov statistic of labels a picture; below 0.15 (deepchecks). A layer of predictions gives prediction drift.',
      severity: 'warn',
      needs: ['against'],
      parameters: z.object({
        of: z.enum(['class', 'objects']).default('class').describe('Classes, or labels with a place a picture'),
        layer: layerName,
        threshold: z.number().min(0).max(1).default(0.15).describe('Greatest distance, 0 to 1'),
      }),
      async look(context, { of, layer, threshold }) {
        const { dataset, scope } = context
        const reference = requireReference(context)
        if (of === 'class') {
          const mine = await catalog.classCounts(dataset, { scope }, layer)
          const theirs = await catalog.classCounts(reference.dataset, { scope: reference.query }, layer)
          const toCounts = (rows: typeof mine) => rows.map((row) => ({ value: row.class, count: row.labels }))
          return judgeCategories(toCounts(mine), toCounts(theirs), {
            of: 'class',
            unit: 'labels',
            allowed: threshold,
          })
        }
        const [mine] = await catalog.measures(dataset, { scope, layer }, ['objects'])
        const [theirs] = await catalog.measures(reference.dataset, { scope: reference.query, layer }, ['objects'])
        const value = measureKs(mine!, theirs!)
        if (Number.isNaN(value)) return sawNothing('samples', 'There are no samples to compare.')
        return judgeFigure({
          unit: 'samples',
          looked: mine!.length,
          found: value > threshold ? mine!.length : 0,
          value,
          allowed: threshold,
          message: `Labels a picture lie ${showNumber(value)} (Kolmogorov-Smirnov) from the reference; up to ${threshold} is no drift.`,
          query: null,
          findings: [],
          plot: await drawHistogram(catalog, dataset, { scope, layer }, 'objects', {
            reference: { dataset: reference.dataset, scope: { scope: reference.query, layer } },
          }),
          hint: driftHint,
        })
      },
    }),
    defineCheck({
      name: 'dataset-drift',
      title: 'Drift of the dataset as a whole',
      group: 'drift',
      about:
        'Whether a classifier tells the data from the reference by cheap figures of pictures: max(2·AUC − 1, 0) below 0.1 (deepchecks). Ours is logistic regression on the fields and their squares, in five folds.',
      severity: 'warn',
      needs: ['against'],
      parameters: z.object({
        fields: z.array(z.string().min(1)).min(1).default(cheapFields).describe('Fields of numbers it may look at'),
        max_samples: z
          .number()
          .int()
          .min(50)
          .max(100_000)
          .default(10_000)
          .describe('Samples drawn of each side, the same ones every time'),
        threshold: z.number().min(0).max(1).default(0.1).describe('Greatest drift score, 0 to 1'),
      }),
      async look(context, { fields, max_samples, threshold }) {
        const { dataset, scope } = context
        const reference = requireReference(context)
        const mine = await catalog.measures(dataset, { scope }, fields, max_samples)
        const theirs = await catalog.measures(reference.dataset, { scope: reference.query }, fields, max_samples)
        const [n, m] = [mine[0]!.length, theirs[0]!.length]
        if (Math.min(n, m) < folds * 2)
          return sawNothing('samples', `A classifier needs ${folds * 2} samples of each side, got ${n} and ${m}.`)
        const { auc, alone } = await tellApart(theirs, mine, folds, context.signal)
        const value = Math.max(2 * auc - 1, 0)
        const ranked = fields
          .map((field, i) => ({ field, alone: alone[i]! }))
          .toSorted((a, b) => b.alone - a.alone || a.field.localeCompare(b.field))
        return judgeFigure({
          unit: 'samples',
          looked: n,
          found: value > threshold ? n : 0,
          value,
          allowed: threshold,
          message: `A classifier tells the data from the reference with an AUC of ${showNumber(auc)}: drift ${showNumber(value)}, up to ${threshold} is none.`,
          query: scope.trim() === '' ? null : scope,
          findings:
            value > threshold
              ? ranked
                  .filter((one) => one.alone > threshold)
                  .slice(0, shownFindings)
                  .map((one) => findWhole(`${one.field} alone tells them apart by ${showNumber(one.alone)}`, one.alone))
              : [],
          plot: drawBars(
            'Drift by one field alone',
            'fields',
            ranked.map((one) => one.field),
            ranked.map((one) => one.alone),
            null,
            [{ at: threshold, label: String(threshold) }],
          ),
          hint: driftHint,
        })
      },
    }),
  ]

  /** Samples at the side the values moved to. */
  async function findMoved(
    dataset: DatasetRef,
    scope: string,
    field: string,
    mine: Float64Array,
    theirs: Float64Array,
  ): Promise<Finding[]> {
    const [here, there] = [meanOf(mine), meanOf(theirs)]
    const picked = await catalog.pick(dataset, { scope }, { measure: field, descending: here > there }, shownFindings)
    return picked
      .filter(({ value }) => value !== null)
      .map((one) =>
        findSample(one, `${field} is ${showNumber(one.value!)}; the reference has ${showNumber(there)} on average`),
      )
  }
}

const categoriesKept = 10_000

function meanOf(values: Float64Array): number {
  let sum = 0
  let count = 0
  for (const value of values) {
    if (Number.isNaN(value)) continue
    sum += value
    count++
  }
  return sum / count
}
