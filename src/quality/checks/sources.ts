import { z } from 'zod'
import { quote } from '#query'
import type { GroupSummary } from '#catalog'
import type { CheckKind } from '../types.ts'
import { defineCheck } from './define.ts'
import type { CheckDeps } from './deps.ts'
import {
  findWhole,
  joinQuery,
  judgeFigure,
  layerName,
  sawNothing,
  showCount,
  showNumber,
  shownFindings,
} from './looked.ts'
import { drawBars } from './plots.ts'
import { fieldText } from './terms.ts'

/** How a group of samples stands against all others by one measure. */
interface Standing {
  group: string
  measure: string
  /** Difference of the means in pooled deviations (Cohen 1988); signed. */
  d: number
}

/** Cohen's d of every group with at least `least` values against all others together. */
function compareGroups(groups: readonly GroupSummary[], measures: readonly string[], least: number): Standing[] {
  return measures.flatMap((measure, i) => {
    const rows = groups.map(({ group, measures: of }) => ({ group, ...of[i]! })).filter(({ count }) => count > 0)
    const total = rows.reduce((sum, { count }) => sum + count, 0)
    const sum = rows.reduce((all, { count, mean }) => all + count * mean!, 0)
    const center = sum / total
    // Sums of squares about the mean of all: those of a part can be taken from them without loss of digits.
    const squares = rows.map(({ count, mean, variance }) => count * (variance! + (mean! - center) ** 2))
    const all = squares.reduce((a, b) => a + b, 0)
    return rows.flatMap(({ group, count, mean, variance }, r) => {
      const rest = total - count
      if (count < least || rest < least) return []
      const restMean = (sum - count * mean!) / rest
      const restVariance = Math.max(0, (all - squares[r]!) / rest - (restMean - center) ** 2)
      const pooled = Math.sqrt((count * variance! + rest * restVariance) / total)
      const difference = mean! - restMean
      // What is constant differs by rounding alone.
      if (Math.abs(difference) <= 1e-9 * Math.max(Math.abs(mean!), Math.abs(restMean)))
        return [{ group, measure, d: 0 }]
      if (pooled > 0) return [{ group, measure, d: difference / pooled }]
      return [{ group, measure, d: Math.sign(difference) * Number.MAX_VALUE }]
    })
  })
}

const groupsCompared = 1_000
/** What says nothing of how a picture was taken, or names one picture. */
const neverTelling = new Set([
  'id',
  'path',
  'source',
  'md5',
  'sha256',
  'phash',
  'split',
  'note',
  'created_at',
  'updated_at',
])

/** Kinds that compare where data comes from. */
export function createSourceKinds({ catalog }: CheckDeps): CheckKind[] {
  return [
    defineCheck({
      name: 'source-difference',
      title: 'Cameras that differ',
      group: 'drift',
      about:
        'Groups of samples, such as those of one camera, whose mean of a measure lies more than 1.2 pooled standard deviations from all others: a very large effect (Cohen’s d; Sawilowsky 2009).',
      severity: 'warn',
      needs: [],
      parameters: z.object({
        by: z.string().min(1).default('exif.model').describe('Field that tells the groups apart'),
        fields: z
          .array(z.string().min(1))
          .min(1)
          .default(['brightness', 'contrast', 'sharpness', 'saturation'])
          .describe('Fields of numbers that are compared'),
        threshold: z.number().positive().default(1.2).describe('Greatest distance of means in pooled deviations'),
        min_samples: z.number().int().min(2).default(10).describe('Smaller groups are not compared'),
      }),
      async look({ dataset, scope }, { by, fields, threshold, min_samples }) {
        const groups = await catalog.groups(dataset, { scope }, by, fields, groupsCompared)
        const standings = compareGroups(groups, fields, min_samples)
        const compared = new Set(standings.map(({ group }) => group))
        if (compared.size < 2)
          return sawNothing('groups', `There are not two groups of ${min_samples} samples by ${by} to compare.`)
        const ranked = standings.toSorted((a, b) => Math.abs(b.d) - Math.abs(a.d) || a.group.localeCompare(b.group))
        const far = ranked.filter(({ d }) => Math.abs(d) > threshold)
        const odd = [...new Set(far.map(({ group }) => group))]
        const worst = ranked[0]!
        const value = Math.min(Math.abs(worst.d), 1e6)
        return judgeFigure({
          unit: 'groups',
          looked: compared.size,
          found: odd.length,
          value,
          allowed: threshold,
          message: `Of ${showCount(compared.size, 'groups')} by ${by}, ${worst.group} differs most: ${worst.measure} by ${showNumber(value)} deviations from all others.`,
          query:
            odd.length === 0
              ? null
              : joinQuery(
                  scope,
                  odd
                    .slice(0, 100)
                    .map((group) => `${fieldText(by)} = ${quote(group, '"')}`)
                    .join(' or '),
                ),
          findings: far
            .slice(0, shownFindings)
            .map(({ group, measure, d }) =>
              findWhole(
                `${group} has ${d > 0 ? 'more' : 'less'} ${measure} than all others, by ${showNumber(Math.min(Math.abs(d), 1e6))} deviations`,
                Math.min(Math.abs(d), 1e6),
              ),
            ),
          plot: drawBars(
            `${worst.measure} by ${by}`,
            'mean',
            groups.slice(0, 30).map(({ group }) => group),
            groups.slice(0, 30).map(({ measures }) => measures[fields.indexOf(worst.measure)]!.mean ?? 0),
          ),
          hint: 'Look at lens, light and settings of that source, or split by it so that tests hold every source.',
        })
      },
    }),
    defineCheck({
      name: 'spurious-correlation',
      title: 'Fields that give the class away',
      group: 'balance',
      about:
        'Fields that alone tell the class of pictures of one class: the part of the errors of always guessing the most frequent class that a one-field classifier avoids on samples it has not seen. Above 0.7 a network may learn the field instead of the thing (Datalab asks the same of a naive Bayes classifier: room for improvement below 0.3).',
      severity: 'warn',
      needs: [],
      parameters: z.object({
        fields: z
          .array(z.string().min(1))
          .min(1)
          .optional()
          .describe('Fields to try; all that are measured or your own when left out'),
        layer: layerName,
        threshold: z.number().min(0).max(1).default(0.7).describe('Greatest part of the errors a field may avoid'),
        max_values: z.number().int().min(2).default(50).describe('Fields with more different texts are left out'),
        min_samples: z.number().int().min(2).default(50).describe('Fewer samples of one class say nothing'),
      }),
      async look({ dataset, scope }, { fields, layer, threshold, max_values, min_samples }) {
        const names =
          fields ??
          (await catalog.schemaOf(dataset)).fields.map(({ name }) => name).filter((name) => !neverTelling.has(name))
        const told = await catalog.telling(dataset, { scope }, names, layer, max_values)
        if (told.samples < min_samples || told.classes < 2)
          return sawNothing(
            'fields',
            `${showCount(told.samples, 'samples')} have exactly one class, of ${showCount(told.classes, 'classes')}: too few to tell.`,
          )
        const ranked = told.fields
          .map(({ field, accuracy }) => ({
            field,
            accuracy,
            gain: Math.max(0, (accuracy - told.baseline) / (1 - told.baseline)),
          }))
          .toSorted((a, b) => b.gain - a.gain || a.field.localeCompare(b.field))
        const worst = ranked[0]
        if (worst === undefined) return sawNothing('fields', 'No field has two different values.')
        const found = ranked.filter(({ gain }) => gain > threshold)
        return judgeFigure({
          unit: 'fields',
          looked: ranked.length,
          found: found.length,
          value: worst.gain,
          allowed: threshold,
          message: `${worst.field} alone names the class of ${showNumber(worst.accuracy * 100)} % of ${showCount(told.samples, 'samples')}; the most frequent class is ${showNumber(told.baseline * 100)} %.`,
          query: null,
          findings: found
            .slice(0, shownFindings)
            .map(({ field, accuracy, gain }) =>
              findWhole(`${field} alone is right for ${showNumber(accuracy * 100)} %`, gain),
            ),
          plot: drawBars(
            'Errors avoided by one field',
            'share',
            ranked.slice(0, 20).map(({ field }) => field),
            ranked.slice(0, 20).map(({ gain }) => gain),
            null,
            [{ at: threshold, label: String(threshold) }],
          ),
          hint: 'Take pictures of every class under the same conditions, or test on conditions that were not trained on.',
        })
      },
    }),
  ]
}
