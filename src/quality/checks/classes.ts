import { z } from 'zod'
import type { CheckKind } from '../types.ts'
import { defineCheck } from './define.ts'
import type { CheckDeps } from './deps.ts'
import { requireReference } from './drift.ts'
import {
  findSample,
  findWhole,
  joinQuery,
  judgeFigure,
  judgeShare,
  layerName,
  maxShare,
  sawNothing,
  showCount,
  showNumber,
  showShare,
  shownFindings,
} from './looked.ts'
import { drawBars } from './plots.ts'
import { labelsTerm, oneOf } from './terms.ts'
import { measureCramersV } from './statistics/distances.ts'

/** Kinds about which classes there are and how often. */
export function createClassKinds({ catalog }: CheckDeps): CheckKind[] {
  return [
    defineCheck({
      name: 'new-labels',
      title: 'Classes the reference does not have',
      group: 'drift',
      about: 'Labels of classes that the reference has no label of; at most 0.5 % of all labels (deepchecks).',
      severity: 'fail',
      needs: ['against'],
      parameters: z.object({ layer: layerName, max_share: maxShare(0.005) }),
      async look(context, { layer, max_share }) {
        const { dataset, scope } = context
        const reference = requireReference(context)
        const mine = await catalog.classCounts(dataset, { scope }, layer)
        const theirs = await catalog.classCounts(reference.dataset, { scope: reference.query }, layer)
        if (theirs.length === 0) return sawNothing('labels', 'The reference has no labels to compare with.')
        const known = new Set(theirs.map((row) => row.class))
        const unseen = mine.filter((row) => !known.has(row.class))
        const condition = labelsTerm(
          layer,
          oneOf(
            'class',
            unseen.map((row) => row.class),
          ),
        )
        const samples =
          unseen.length === 0 ? [] : await catalog.pick(dataset, { scope, where: condition }, undefined, shownFindings)
        return judgeShare({
          unit: 'labels',
          looked: mine.reduce((sum, row) => sum + row.labels, 0),
          found: unseen.reduce((sum, row) => sum + row.labels, 0),
          allowed: max_share,
          are: `are of classes the reference does not have${
            unseen.length > 0
              ? `: ${unseen
                  .map((row) => row.class)
                  .slice(0, 5)
                  .join(', ')}`
              : ''
          }`,
          nothing: 'The scope has no labels.',
          query: joinQuery(scope, condition),
          findings: samples.map((one) =>
            findSample(
              one,
              `Has a label of ${unseen
                .map((row) => row.class)
                .slice(0, 5)
                .join(', ')}`,
            ),
          ),
          hint: 'A model that was trained on the reference cannot name them: add them there, or correct the names.',
        })
      },
    }),
    defineCheck({
      name: 'class-imbalance',
      title: 'Rare classes',
      group: 'balance',
      about:
        'Classes with fewer labels than 0.1 of the fair share, one over the number of classes (Datalab). Classes without any label count when the dataset knows them.',
      severity: 'warn',
      needs: [],
      parameters: z.object({
        layer: layerName,
        fraction: z.number().gt(0).max(1).default(0.1).describe('Rare below this part of the fair share'),
        max_found: z.number().int().min(0).default(0).describe('Greatest number of rare classes'),
      }),
      async look({ dataset, scope }, { layer, fraction, max_found }) {
        const counts = await catalog.classCounts(dataset, { scope }, layer)
        const total = counts.reduce((sum, row) => sum + row.labels, 0)
        if (total === 0) return sawNothing('classes', 'There are no labels to count.')
        const have = new Set(counts.map((row) => row.class))
        const unused = (await catalog.schemaOf(dataset)).classes.filter(({ name }) => !have.has(name))
        const all = [...counts, ...unused.map(({ name }) => ({ class: name, labels: 0, samples: 0 }))]
        const bound = fraction / all.length
        const rare = all.filter((row) => row.labels / total < bound).toSorted((a, b) => a.labels - b.labels)
        const present = rare.filter((row) => row.labels > 0).map((row) => row.class)
        return judgeFigure({
          unit: 'classes',
          looked: all.length,
          found: rare.length,
          value: rare.length,
          allowed: max_found,
          message: `${rare.length === 0 ? 'None' : rare.length} of ${showCount(all.length, 'classes')} ${rare.length === 1 ? 'has' : 'have'} less than ${showShare(bound)} of ${showCount(total, 'labels')}.`,
          query: present.length === 0 ? null : joinQuery(scope, labelsTerm(layer, oneOf('class', present))),
          findings: rare
            .slice(0, shownFindings)
            .map((row) =>
              findWhole(`${row.class} has ${showCount(row.labels, 'labels')} of ${total}`, row.labels / total),
            ),
          plot: drawClasses(all),
          hint: 'Collect or generate more of the rare classes, weight them, or join them with others.',
        })
      },
    }),
    defineCheck({
      name: 'class-balance',
      title: 'Balance of classes',
      group: 'balance',
      about:
        'Each class named has at least so many labels, and the most frequent has at most so many times those of the rarest. The rule is our own; 20 times is where plain accuracy says nearly nothing of the rare ones.',
      severity: 'warn',
      needs: [],
      parameters: z.object({
        layer: layerName,
        classes: z
          .array(z.string().min(1))
          .optional()
          .describe('Classes that must be there; all of the dataset when left out'),
        min_count: z.number().int().min(0).default(1).describe('Fewest labels of each class'),
        max_ratio: z.number().min(1).default(20).describe('Greatest ratio of the most frequent to the rarest'),
      }),
      async look({ dataset, scope }, { layer, classes, min_count, max_ratio }) {
        const counts = new Map((await catalog.classCounts(dataset, { scope }, layer)).map((row) => [row.class, row]))
        const names = classes ?? (await catalog.schemaOf(dataset)).classes.map(({ name }) => name)
        const rows = names.map((name) => counts.get(name) ?? { class: name, labels: 0, samples: 0 })
        if (rows.length === 0 || counts.size === 0) return sawNothing('classes', 'There are no labels to count.')
        const most = Math.max(...rows.map(({ labels }) => labels))
        const few = rows
          .filter(({ labels }) => labels < min_count || labels * max_ratio < most)
          .toSorted((a, b) => a.labels - b.labels)
        const least = Math.min(...rows.map(({ labels }) => labels))
        const ratio = least === 0 ? null : most / least
        const present = few.filter(({ labels }) => labels > 0).map((row) => row.class)
        return {
          unit: 'classes',
          looked: rows.length,
          found: few.length,
          value: ratio,
          bound: `≤ ${max_ratio}, each ≥ ${min_count}`,
          broken: few.length > 0,
          message:
            ratio === null
              ? `${few.filter(({ labels }) => labels === 0).length} of ${showCount(rows.length, 'classes')} have no label.`
              : `The most frequent of ${showCount(rows.length, 'classes')} has ${showNumber(ratio)} times the labels of the rarest, which has ${least}.`,
          query: present.length === 0 ? null : joinQuery(scope, labelsTerm(layer, oneOf('class', present))),
          findings: few
            .slice(0, shownFindings)
            .map((row) =>
              findWhole(`${row.class} has ${showCount(row.labels, 'labels')}, the most frequent ${most}`, row.labels),
            ),
          plot: drawClasses(rows),
          hint:
            few.length === 0
              ? undefined
              : 'Collect or generate more of the rare classes, weight them, or join them with others.',
        }
      },
    }),
    defineCheck({
      name: 'missing-labels',
      title: 'Pictures without labels',
      group: 'labels',
      about:
        'Samples without any label in the layer. Pictures that show nothing to label are better given a class for it.',
      severity: 'warn',
      needs: [],
      parameters: z.object({ layer: layerName, max_share: maxShare(0) }),
      async look({ dataset, scope }, { layer, max_share }) {
        const looked = await catalog.count(dataset, { scope })
        const condition = layer === 'truth' ? 'labels.count = 0' : `layer(${JSON.stringify(layer)}).labels.count = 0`
        const found = await catalog.count(dataset, { scope, where: condition })
        const bare =
          found === 0 ? [] : await catalog.pick(dataset, { scope, where: condition }, undefined, shownFindings)
        return judgeShare({
          unit: 'samples',
          looked,
          found,
          allowed: max_share,
          are: 'have no label',
          nothing: 'There is no sample to look at.',
          query: joinQuery(scope, condition),
          findings: bare.map((one) => findSample({ ...one, value: 0 }, `No label in ${layer}`)),
          hint: 'Label them, or take them out of training.',
        })
      },
    }),
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
          classes.flatMap((name, c) => (table[i]![c] === 0 ? [findWhole(`${split} has no label of ${name}`, 0)] : [])),
        )
        const wrongSizes = Object.entries(ratios ?? {}).flatMap(([split, ratio]) => {
          const share = (sizes.find((size) => size.value === split)?.count ?? 0) / samples
          return Math.abs(share - ratio) > tolerance
            ? [findWhole(`${split} holds ${showShare(share)} of the samples, not ${showShare(ratio)}`, share)]
            : []
        })
        const findings = [...wrongSizes, ...without]
        return {
          unit: 'splits',
          looked: sizes.length,
          found: findings.length,
          value,
          bound: `≤ ${threshold}`,
          broken: value > threshold || findings.length > 0,
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
        const looked = values.reduce((sum, { count }) => sum + count, 0)
        if (looked === 0) return sawNothing('samples', `No sample has a ${field}.`)
        const top = values[0]!
        const shareOf = (value: string): number => (values.find((one) => one.value === value)?.count ?? 0) / looked
        const low = Object.entries(min_shares).filter(([value, least]) => shareOf(value) < least)
        const share = top.count / looked
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
          unit: 'samples',
          looked,
          found: findings.length,
          value: share,
          bound: `≤ ${max_share}`,
          broken: findings.length > 0,
          message: `The most frequent of ${values.length} values of ${field}, ${top.value}, has ${showShare(share)} of ${showCount(looked, 'samples')}${low.length > 0 ? `; ${low.length} ${low.length === 1 ? 'value has' : 'values have'} too few` : ''}.`,
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

function drawClasses(rows: readonly { class: string; labels: number }[]) {
  const shown = rows.toSorted((a, b) => b.labels - a.labels).slice(0, 30)
  return drawBars(
    'Labels by class',
    'labels',
    shown.map((row) => row.class),
    shown.map((row) => row.labels),
  )
}
