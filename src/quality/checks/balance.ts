import { z } from 'zod'
import type { CheckKind } from '../types.ts'
import { defineCheck } from './define.ts'
import type { CheckDeps } from './deps.ts'
import { findWhole, layerName, sawNothing, showCount, showNumber, showShare, shownFindings } from './looked.ts'
import { drawBars } from './plots.ts'
import { measureCramersV } from './statistics/distances.ts'

/** Kinds about how evenly samples are spread over splits and over the values of a field. */
export function createBalanceKinds({ catalog }: CheckDeps): CheckKind[] {
  return [
    defineCheck({
      name: 'split-balance',
      title: 'Classes alike in all splits',
      group: 'splits',
      about:
        'Cramér’s V between the split and the class of labels; below 0.15, as deepchecks asks of label drift. Every split holds every class.',
      severity: 'warn',
      needs: ['splits'],
      parameters: z.object({
        layer: layerName,
        threshold: z.number().min(0).max(1).default(0.15).describe('Greatest Cramér’s V, 0 to 1'),
        ratios: z
          .record(z.string(), z.number().gt(0).max(1))
          .optional()
          .describe('Share of the samples each split should have, by name'),
        tolerance: z.number().min(0).max(1).default(0.05).describe('How far a share may be from its ratio'),
      }),
      async look({ dataset, scope }, { layer, threshold, ratios, tolerance }) {
        const sizes = await catalog.categories(dataset, { scope }, 'split', 100)
        const samples = sizes.reduce((sum, { count }) => sum + count, 0)
        if (sizes.length < 2)
          return sawNothing('splits', 'There are not two splits to compare.', 'Make splits with: fovea split')
        const rows = await catalog.crossCounts(dataset, { scope }, 'split', layer)
        const classes = [...new Set(rows.map((row) => row.class))]
        const countOf = new Map(rows.map((row) => [JSON.stringify([row.value, row.class]), row.labels]))
        const table = sizes.map(({ value }) => classes.map((name) => countOf.get(JSON.stringify([value, name])) ?? 0))
        const v = classes.length < 2 ? 0 : measureCramersV(table)
        const value = Number.isNaN(v) ? 0 : v
        const without = sizes.flatMap(({ value: split }, i) =>
          classes.flatMap((name, c) =>
            table[i]![c] === 0 ? [{ split, finding: findWhole(`${split} has no label of ${name}`, 0) }] : [],
          ),
        )
        const wrongSizes = Object.entries(ratios ?? {}).flatMap(([split, ratio]) => {
          const share = (sizes.find((size) => size.value === split)?.count ?? 0) / samples
          return Math.abs(share - ratio) > tolerance
            ? [
                {
                  split,
                  finding: findWhole(
                    `${split} holds ${showShare(share)} of the samples, not ${showShare(ratio)}`,
                    share,
                  ),
                },
              ]
            : []
        })
        const odd = [...wrongSizes, ...without]
        const findings = odd.map(({ finding }) => finding)
        const isUneven = value > threshold
        return {
          unit: 'splits',
          looked: sizes.length,
          found: isUneven ? sizes.length : new Set(odd.map(({ split }) => split)).size,
          value,
          bound: `≤ ${threshold}`,
          broken: isUneven || findings.length > 0,
          message: `Classes and splits depend on each other by ${showNumber(value)} (Cramér’s V; up to ${threshold} is even)${findings.length > 0 ? `; ${findings[0]!.what}` : ''}.`,
          query: null,
          findings: findings.slice(0, shownFindings),
          plot: drawBars(
            'Samples by split',
            'samples',
            sizes.map((size) => size.value),
            sizes.map((size) => size.count),
          ),
          hint:
            value > threshold || findings.length > 0 ? 'Split again evenly: fovea split --stratify class.' : undefined,
        }
      },
    }),
    defineCheck({
      name: 'field-balance',
      title: 'Balance of a field',
      group: 'balance',
      about:
        'No value of a field holds more than 0.9 of the samples that have one, and each value that is named at least its share. The rule is our own.',
      severity: 'warn',
      needs: [],
      parameters: z.object({
        field: z.string().min(1).default('exif.model').describe('Field of few values'),
        max_share: z.number().gt(0).max(1).default(0.9).describe('Greatest share of one value, 0 to 1'),
        min_shares: z
          .record(z.string(), z.number().min(0).max(1))
          .default({})
          .describe('Least share of a value, by value'),
      }),
      async look({ dataset, scope }, { field, max_share, min_shares }) {
        const values = await catalog.categories(dataset, { scope }, field, 10_000)
        const samples = values.reduce((sum, { count }) => sum + count, 0)
        if (samples === 0) return sawNothing('values', `No sample has a ${field}.`)
        const top = values[0]!
        const shareOf = (value: string): number => (values.find((one) => one.value === value)?.count ?? 0) / samples
        const low = Object.entries(min_shares).filter(([value, least]) => shareOf(value) < least)
        const share = top.count / samples
        const findings = [
          ...(share > max_share ? [findWhole(`${top.value} has ${showShare(share)} of the samples`, share)] : []),
          ...low.map(([value, least]) =>
            findWhole(
              `${value} has ${showShare(shareOf(value))} of the samples, less than ${showShare(least)}`,
              shareOf(value),
            ),
          ),
        ]
        return {
          unit: 'values',
          looked: values.length,
          found: findings.length,
          value: share,
          bound: `≤ ${max_share}`,
          broken: findings.length > 0,
          message: `The most frequent of ${values.length} values of ${field}, ${top.value}, has ${showShare(share)} of ${showCount(samples, 'samples')}${low.length > 0 ? `; ${low.length} ${low.length === 1 ? 'value has' : 'values have'} too few` : ''}.`,
          query: null,
          findings: findings.slice(0, shownFindings),
          plot: drawBars(
            field,
            'samples',
            values.slice(0, 20).map(({ value }) => value),
            values.slice(0, 20).map(({ count }) => count),
          ),
          hint: findings.length > 0 ? 'Collect more of what is rare, or weight it.' : undefined,
        }
      },
    }),
  ]
}
