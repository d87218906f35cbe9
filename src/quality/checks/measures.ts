import { z } from 'zod'
import type { MeasureSummary } from '#catalog'
import type { CheckKind, Looked } from '../types.ts'
import { defineCheck } from './define.ts'
import type { CheckDeps } from './deps.ts'
import {
  findLabel,
  findSample,
  joinQuery,
  judgeShare,
  layerName,
  maxShare,
  nameSamples,
  namedSamples,
  sawNothing,
  showNumber,
  shownFindings,
} from './looked.ts'
import { drawHistogram } from './plots.ts'
import { labelsTerm, measureTerm, numberText } from './terms.ts'

/** deepchecks' image properties, as far as import measures them; its area is our size squared, which has the same order. */
const properties = ['aspect', 'size', 'brightness', 'contrast', 'red', 'green', 'blue']

interface Bounds {
  measure: string
  low: number
  high: number
}

/** Tukey's fences: factor × IQR outside the quartiles. */
function fenceOf({ measure, q1, q3 }: MeasureSummary, factor: number): Bounds | undefined {
  if (q1 === null || q3 === null) return undefined
  return { measure, low: q1 - factor * (q3 - q1), high: q3 + factor * (q3 - q1) }
}

const fewest = z
  .number()
  .int()
  .min(1)
  .default(10)
  .describe('Fewer values than this have no outliers; the check is empty then')

/** Kinds that ask whether a measure lies outside the fences of its own distribution. */
export function createMeasureKinds({ catalog }: CheckDeps): CheckKind[] {
  const lookOutside = async (
    dataset: Parameters<typeof catalog.count>[0],
    scope: string,
    measures: readonly string[],
    options: { factor: number; minSamples: number; allowed: number; are: string; hint: string; layer?: string },
  ): Promise<Looked> => {
    const within = { scope, ...(options.layer === undefined ? {} : { layer: options.layer }) }
    const summaries = await catalog.summarise(dataset, within, measures)
    const bounds = summaries.flatMap((one) =>
      one.count >= options.minSamples ? (fenceOf(one, options.factor) ?? []) : [],
    )
    const looked = Math.max(0, ...summaries.map(({ count }) => (count >= options.minSamples ? count : 0)))
    // Where least and greatest lie within, nothing is outside.
    const crossed = bounds.filter(({ measure, low, high }) =>
      summaries.some((one) => one.measure === measure && (one.min! < low || one.max! > high)),
    )
    const { found, worst } = await catalog.outside(dataset, within, crossed, namedSamples)
    const terms = bounds.map((one) => measureTerm(one.measure, one.low, one.high, options.layer))
    const isQuery = terms.every((term) => term !== null)
    const far = worst[0] === undefined ? bounds[0] : bounds.find(({ measure }) => measure === worst[0]!.measure)
    return judgeShare({
      unit: 'samples',
      looked,
      found,
      allowed: options.allowed,
      are: options.are,
      nothing: `Fewer than ${options.minSamples} samples have ${measures.join(', ')}: too few to tell what is usual.`,
      ...(isQuery
        ? { query: joinQuery(scope, terms.join(' or ')) }
        : nameSamples(
            worst.map(({ id }) => [id]),
            found,
          )),
      findings: worst.slice(0, shownFindings).map((one) => {
        const { low, high } = bounds.find(({ measure }) => measure === one.measure)!
        return findSample(
          one,
          `${one.measure} is ${showNumber(one.value ?? 0)}, usual are ${showNumber(low)} to ${showNumber(high)}`,
        )
      }),
      plot:
        far === undefined || looked === 0
          ? undefined
          : await drawHistogram(catalog, dataset, within, far.measure, {
              marks: [far.low, far.high].map((at) => ({ at, label: showNumber(at) })),
            }),
      hint: options.hint,
    })
  }
  return [
    defineCheck({
      name: 'odd-size',
      title: 'Unusual sizes',
      group: 'pictures',
      about: 'Pictures whose √(width · height) lies outside Q1 − 3·IQR … Q3 + 3·IQR of all (cleanvision).',
      severity: 'warn',
      needs: [],
      parameters: z.object({
        iqr_factor: z.number().positive().default(3).describe('Fences lie this many IQR outside the quartiles'),
        min_samples: z.number().int().min(1).default(1).describe('Fewer samples than this have no usual size'),
        max_share: maxShare(0),
      }),
      look: ({ dataset, scope }, { iqr_factor, min_samples, max_share }) =>
        lookOutside(dataset, scope, ['size'], {
          factor: iqr_factor,
          minSamples: min_samples,
          allowed: max_share,
          are: 'have an unusual size',
          hint: 'Look whether thumbnails or pictures of another camera slipped in.',
        }),
    }),
    defineCheck({
      name: 'property-outliers',
      title: 'Outliers of picture properties',
      group: 'pictures',
      about:
        'Pictures with a property outside Q1 − 1.5·IQR … Q3 + 1.5·IQR, of at least 10 values (deepchecks): aspect, size, brightness, contrast, red, green, blue.',
      severity: 'info',
      needs: [],
      parameters: z.object({
        fields: z.array(z.string().min(1)).min(1).default(properties).describe('Fields of numbers, size or objects'),
        iqr_factor: z.number().positive().default(1.5).describe('Fences lie this many IQR outside the quartiles'),
        min_samples: fewest,
        max_share: maxShare(0.05),
      }),
      look: ({ dataset, scope }, { fields, iqr_factor, min_samples, max_share }) =>
        lookOutside(dataset, scope, fields, {
          factor: iqr_factor,
          minSamples: min_samples,
          allowed: max_share,
          are: 'have a property far from the others',
          hint: 'Look at the worst: rare conditions are worth more pictures, mistakes worth removing.',
        }),
    }),
    defineCheck({
      name: 'label-outliers',
      title: 'Outliers of labels',
      group: 'labels',
      about:
        'Labels whose area, and pictures whose number of labels with a place, lies outside Q1 − 1.5·IQR … Q3 + 1.5·IQR, of at least 10 (deepchecks).',
      severity: 'info',
      needs: [],
      parameters: z.object({
        of: z
          .enum(['area', 'objects'])
          .default('area')
          .describe('Share of the picture a label covers, or labels a picture'),
        layer: layerName,
        iqr_factor: z.number().positive().default(1.5).describe('Fences lie this many IQR outside the quartiles'),
        min_samples: fewest,
        max_share: maxShare(0.1),
      }),
      async look({ dataset, scope }, { of, layer, iqr_factor, min_samples, max_share }) {
        if (of === 'objects')
          return lookOutside(dataset, scope, ['objects'], {
            factor: iqr_factor,
            minSamples: min_samples,
            allowed: max_share,
            layer,
            are: 'have an unusual number of labels',
            hint: 'Look whether labels are missing or were drawn twice.',
          })
        const { count, q1, q3 } = await catalog.labelAreas(dataset, { scope }, layer)
        if (count < min_samples || q1 === null || q3 === null)
          return sawNothing(
            'labels',
            `Fewer than ${min_samples} labels cover a surface: too few to tell what is usual.`,
          )
        const low = q1 - iqr_factor * (q3 - q1)
        const high = q3 + iqr_factor * (q3 - q1)
        const faults = await catalog.labelFaults(dataset, { scope }, layer, { rule: 'area', low, high }, shownFindings)
        const usual = `${showNumber(Math.max(0, low))} to ${showNumber(high)}`
        return judgeShare({
          unit: 'labels',
          looked: faults.looked,
          found: faults.found,
          allowed: max_share,
          are: 'have an unusual area',
          nothing: 'No label covers a surface.',
          query: joinQuery(scope, areaTerm(layer, low, high)),
          findings: faults.worst.map((label) =>
            findLabel(label, `It covers ${showNumber(label.value)} of the picture, usual are ${usual}`),
          ),
          hint: 'Look whether they are drawn around the right thing.',
        })
      },
    }),
  ]
}

/** No label covers less than nothing. */
function areaTerm(layer: string, low: number, high: number): string {
  const above = `area > ${numberText(high)}`
  const far = low > 0 ? `(area < ${numberText(low)} or ${above})` : above
  return labelsTerm(layer, `kind in ("box", "polygon", "mask") and ${far}`)
}
