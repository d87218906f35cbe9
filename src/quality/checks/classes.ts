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
import { labelsTerm, layerPrefix, oneOf } from './terms.ts'

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
        const all = [...counts, ...unused.map(({ name }) => ({ class: name, labels: 0 }))]
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
        const rows = names.map((name) => counts.get(name) ?? { class: name, labels: 0 })
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
        const condition = `${layerPrefix(layer)}labels.count = 0`
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
