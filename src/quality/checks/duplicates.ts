import { z } from 'zod'
import type { DatasetRef } from '#catalog'
import { quote } from '#query'
import type { CheckKind, Looked } from '../types.ts'
import { defineCheck } from './define.ts'
import type { CheckDeps } from './deps.ts'
import {
  findPair,
  judgeFigure,
  judgeShare,
  maxShare,
  nameSamples,
  namedSamples,
  sawNothing,
  showCount,
  showNumber,
  shownFindings,
} from './looked.ts'
import { findLookPairs, type LookPair } from './look-pairs.ts'

const byHow = z
  .enum(['auto', 'hash', 'embedding'])
  .default('auto')
  .describe(
    'hash: equal perceptual hashes; embedding: vectors of a space; auto: vectors where the dataset has all of them',
  )
const spaceName = z.string().min(1).optional().describe('Space of vectors; the main one when left out')
const cosine = z
  .number()
  .gt(0)
  .max(1)
  .optional()
  .describe('Least cosine of two vectors of pictures that count as the same, 0 to 1; 0.95, of small grey pictures 0.97')

interface Asked {
  space?: string | undefined
  threshold?: number | undefined
}

/** Kinds that find the same picture twice. */
export function createDuplicateKinds(deps: CheckDeps): CheckKind[] {
  const { catalog, looks } = deps
  /** The space to go by; undefined to go by hashes, or where there is none. One that lags behind is used only when vectors are asked for. */
  const spaceFor = async (dataset: DatasetRef, by: string, { space, threshold }: Asked) => {
    if (by === 'hash' || looks === undefined) return undefined
    const found = await looks.findSpace(dataset, space)
    if (found === undefined || (by === 'auto' && !found.isCurrent)) return undefined
    return { space: found.name, threshold: threshold ?? found.sameFrom }
  }

  const lookForCopies = async (
    dataset: DatasetRef,
    scope: string,
    hash: 'md5' | 'phash',
    allowed: number,
    words: { are: string; what: string; hint: string; chose?: Looked['chose'] },
  ): Promise<Looked> => {
    const { looked, found, pairs } = await catalog.copies(dataset, { scope }, hash, namedSamples)
    return judgeShare({
      unit: 'samples',
      looked,
      found,
      allowed,
      are: words.are,
      nothing: 'No sample has a hash to compare.',
      ...nameSamples(
        pairs.map(({ id, otherId }) => [otherId, id]),
        found,
      ),
      findings: pairs.slice(0, shownFindings).map((pair) => findPair(pair, 1, `${words.what} ${pair.otherPath}`)),
      hint: words.hint,
      chose: words.chose,
    })
  }

  return [
    defineCheck({
      name: 'exact-duplicates',
      title: 'Exact duplicates',
      group: 'pictures',
      about:
        'Files with the same bytes (MD5) as an earlier one; the earliest is no duplicate. The same pixels in another format are near duplicates.',
      severity: 'fail',
      needs: [],
      parameters: z.object({ max_share: maxShare(0) }),
      look: ({ dataset, scope }, { max_share }) =>
        lookForCopies(dataset, scope, 'md5', max_share, {
          are: 'are copies of an earlier file',
          what: 'The same bytes as',
          hint: 'Keep the first of each and delete the others: fovea duplicates --by hash lists them.',
        }),
    }),
    defineCheck({
      name: 'near-duplicates',
      title: 'Near duplicates',
      group: 'pictures',
      about:
        'Pictures that look like an earlier one: vectors with a cosine of at least 0.95 where the dataset has a space that is up to date, else equal 8×8 perceptual hashes (cleanvision).',
      severity: 'warn',
      needs: [],
      parameters: z.object({ by: byHow, space: spaceName, threshold: cosine, max_share: maxShare(0.05) }),
      async look({ dataset, scope, signal }, { by, max_share, ...asked }) {
        const space = await spaceFor(dataset, by, asked)
        if (space === undefined && by !== 'embedding')
          return lookForCopies(dataset, scope, 'phash', max_share, {
            are: 'have the perceptual hash of an earlier one',
            what: 'The same perceptual hash as',
            hint: 'Look at the pairs and keep one of each: fovea duplicates lists them in groups.',
            chose: { by: 'hash' },
          })
        if (space === undefined) return sawNothing('samples', 'The dataset has no vectors to compare.', embedHint)
        const { ids, pairs } = await findLookPairs(deps, dataset, scope, space, signal)
        const alike = new Map<number, number[]>()
        for (const { id, otherId } of pairs) alike.set(otherId, [...(alike.get(otherId) ?? [otherId]), id])
        return judgeShare({
          unit: 'samples',
          looked: ids.length,
          found: alike.size,
          allowed: max_share,
          are: 'look like an earlier one',
          nothing: 'No sample of the scope has a vector.',
          ...nameSamples([...alike.values()], alike.size),
          findings: await describePairs(dataset, pairs, (pair) => `Cosine ${showNumber(pair.score)}`),
          hint: 'Look at the pairs and keep one of each: fovea duplicates lists them in groups.',
          chose: { by: 'embedding', ...space },
        })
      },
    }),
    defineCheck({
      name: 'leaks',
      title: 'Pictures in several splits',
      group: 'splits',
      about:
        'Pictures that another split holds as well, so that what is tested was trained on: vectors with a cosine of at least 0.95 where the dataset has a space that is up to date, else equal perceptual hashes (FiftyOne: leaky splits).',
      severity: 'fail',
      needs: ['splits'],
      parameters: z.object({
        by: byHow,
        space: spaceName,
        threshold: cosine,
        max_found: z.number().int().min(0).default(0).describe('Greatest number of samples that may be found'),
      }),
      async look({ dataset, scope, signal }, { by, max_found, ...asked }) {
        const splits = await catalog.categories(dataset, { scope }, 'split', 50)
        const withSplit = splits.reduce((sum, { count }) => sum + count, 0)
        if (splits.length < 2)
          return sawNothing('samples', 'There are not two splits to compare.', 'Make splits with: fovea split')
        const space = await spaceFor(dataset, by, asked)
        if (space === undefined && by === 'embedding')
          return sawNothing('samples', 'The dataset has no vectors to compare.', embedHint)
        const leaks =
          space === undefined ? await leaksByHash(dataset, scope) : await leaksByLooks(dataset, scope, space)
        return {
          ...judgeFigure({
            unit: 'samples',
            looked: withSplit,
            found: leaks.found,
            value: leaks.found,
            allowed: max_found,
            message: `${leaks.found === 0 ? 'None' : leaks.found} of ${showCount(withSplit, 'samples')} in ${splits.length} splits ${leaks.found === 1 ? 'is' : 'are'} in another split as well.`,
            ...nameSamples(
              [...new Set(leaks.ids)].map((id) => [id]),
              leaks.found,
            ),
            findings: leaks.findings,
            hint: 'Split again and keep the same scene together: fovea split --group duplicates.',
          }),
        }

        async function leaksByHash(set: DatasetRef, within: string) {
          const { found, pairs } = await catalog.sharedHashes(set, { scope: within }, 'phash', namedSamples)
          return {
            found,
            ids: pairs.flatMap(({ id, otherId }) => [id, otherId]),
            findings: pairs
              .slice(0, shownFindings)
              .map((pair) => findPair(pair, 1, `In ${pair.split} and in ${pair.otherSplit}: the same perceptual hash`)),
          }
        }

        async function leaksByLooks(set: DatasetRef, within: string, request: { space: string; threshold: number }) {
          const { pairs } = await findLookPairs(deps, set, within, request, signal)
          const splitOf = new Map<number, string>()
          for (const { value } of splits)
            for (const id of await catalog.ids(
              set,
              { scope: within, where: `split = ${quote(value, '"')}` },
              Number.MAX_SAFE_INTEGER,
            ))
              splitOf.set(id, value)
          const across = pairs.filter(({ id, otherId }) => {
            const [a, b] = [splitOf.get(id), splitOf.get(otherId)]
            return a !== undefined && b !== undefined && a !== b
          })
          const ids = across.flatMap(({ id, otherId }) => [id, otherId])
          return {
            found: new Set(ids).size,
            ids,
            findings: await describePairs(
              set,
              across,
              ({ id, otherId, score }) =>
                `In ${splitOf.get(id)} and in ${splitOf.get(otherId)}: cosine ${showNumber(score)}`,
            ),
          }
        }
      },
    }),
  ]

  async function describePairs(dataset: DatasetRef, pairs: readonly LookPair[], what: (pair: LookPair) => string) {
    const shown = pairs.slice(0, shownFindings)
    const paths = await catalog.pathsOf(
      dataset,
      shown.flatMap(({ id, otherId }) => [id, otherId]),
    )
    return shown.map((pair) =>
      findPair(
        { ...pair, path: paths.get(pair.id) ?? '', otherPath: paths.get(pair.otherId) ?? '' },
        pair.score,
        what(pair),
      ),
    )
  }
}

const embedHint = 'Make vectors with: fovea embed'
