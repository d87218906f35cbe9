import { z } from 'zod'
import type { CheckKind } from '../types.ts'
import { defineCheck } from './define.ts'
import type { CheckDeps } from './deps.ts'
import { idsOfScope } from './look-pairs.ts'
import { findSample, judgeShare, maxShare, nameSamples, sawNothing, showNumber, shownFindings } from './looked.ts'
import { quantileOf } from './statistics/quantile.ts'

/** Pictures that look like no other. */
export function createOutlierKinds(deps: CheckDeps): CheckKind[] {
  const { catalog, looks } = deps
  return [
    defineCheck({
      name: 'outliers',
      title: 'Pictures that look like no other',
      group: 'pictures',
      about:
        'Pictures whose mean cosine distance to their 10 nearest others is above Q3 + 1.7·IQR of those of the scope (Datalab).',
      severity: 'warn',
      needs: ['vectors'],
      parameters: z.object({
        space: z.string().min(1).optional().describe('Space of vectors; the main one when left out'),
        iqr_factor: z
          .number()
          .positive()
          .default(1.7)
          .describe('The fence lies this many IQR above the third quartile'),
        max_share: maxShare(0.05),
      }),
      async look({ dataset, scope, signal }, { space: asked, iqr_factor, max_share }) {
        const space = looks === undefined ? undefined : await looks.findSpace(dataset, asked)
        if (looks === undefined || space === undefined)
          return sawNothing('samples', 'The dataset has no vectors to compare.', 'Make vectors with: fovea embed')
        const wanted = await idsOfScope(deps, dataset, scope)
        const { ids, score } = await looks.scoreOutliers(dataset, space.name, signal)
        const rows = Array.from(ids, (id, i) => ({ id, score: score[i]! })).filter(
          ({ id }) => wanted === null || wanted.has(id),
        )
        const sorted = Float64Array.from(rows, (row) => row.score).toSorted()
        const q3 = quantileOf(sorted, 0.75)
        const fence = q3 + iqr_factor * (q3 - quantileOf(sorted, 0.25))
        const far = rows.filter((row) => row.score > fence).toSorted((a, b) => b.score - a.score || a.id - b.id)
        const paths = await catalog.pathsOf(
          dataset,
          far.slice(0, shownFindings).map(({ id }) => id),
        )
        return judgeShare({
          unit: 'samples',
          looked: rows.length,
          found: far.length,
          allowed: max_share,
          are: 'look like no other',
          nothing: 'No sample of the scope has a vector.',
          ...nameSamples(
            far.map(({ id }) => [id]),
            far.length,
          ),
          findings: far
            .slice(0, shownFindings)
            .map((row) =>
              findSample(
                { id: row.id, path: paths.get(row.id) ?? '', value: row.score },
                `Mean distance ${showNumber(row.score)} to the 10 nearest, usual is up to ${showNumber(fence)}`,
              ),
            ),
          hint: 'Rare but right ones are worth more pictures of their kind; others are mistakes.',
        })
      },
    }),
  ]
}
