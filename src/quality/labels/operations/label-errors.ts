import { findLabelErrors } from '#contract'
import { FoveaError, implement, type CallContext, type Operation } from '#base'
import type { DatasetRef } from '#catalog'
import { flagLikely } from '../auto.ts'
import { listSkipped, readGiven, type GivenClasses } from '../given.ts'
import { readPredicted } from '../predicted.ts'
import type { Probabilities } from '../probabilities.ts'
import { learnConfidently, type ConfidentLearning } from '../prune.ts'
import { scoreGiven, suggestOthers } from '../quality.ts'
import type { LabelDeps } from './deps.ts'
import { nameSamples, roundScore, saveVerdicts } from './save.ts'

/** Fewer samples of a class cannot be in all parts. */
const leastOfClass = 2

const rules = {
  'noise-rate': 'of each pair of classes as many as the joint counts say, by p(other) − p(given)',
  class: 'of each class as many as the joint counts say, by p(given)',
  both: 'what noise-rate and class both find',
  'confident-learning': 'those that are confidently of another class',
  'low-margin': 'as many as are confidently of another class, by margin',
  'low-self-confidence': 'as many as are confidently of another class, by p(given)',
  disagreement: 'those whose most probable class is another one',
} as const

/** Handler of `quality.label-errors`. */
export function createLabelErrors(deps: LabelDeps): Operation {
  const { catalog } = deps
  return implement(findLabelErrors, async (input, context) => {
    const dataset = await (input.save ? catalog.resolveWritable(input.dataset) : catalog.resolveDataset(input.dataset))
    const all = await readGiven(catalog, dataset, input)
    const { given, probabilities, classes, source } =
      input.predictions === undefined
        ? await judgeByEmbeddings(deps, dataset, all, input, context)
        : await judgeByLayer(deps, dataset, all, input.predictions)
    const { ids, classOf } = given
    const learned = learnConfidently(probabilities, classOf)
    const { flags, rule } = applyMethod(input.method, probabilities, classOf, learned)
    const quality = scoreGiven(probabilities, classOf, 'self-confidence')
    const others = suggestOthers(probabilities, classOf)
    const flagged = [...ids.keys()].filter((row) => flags[row] === 1)
    const worst = flagged.toSorted((a, b) => quality[a]! - quality[b]! || a - b).slice(0, input.limit)
    const disagrees = learned.flag('disagreement')
    const change = input.save
      ? await saveVerdicts(
          catalog,
          {
            dataset,
            actor: context.actor,
            operation: findLabelErrors.id,
            summary: `Found ${flagged.length} classes that are probably wrong among ${ids.length}`,
          },
          {
            ids,
            fields: {
              label_quality: { type: 'number', values: Array.from(quality, roundScore) },
              suggested_class: {
                type: 'string',
                values: Array.from(flags, (flag, row) => (flag === 1 ? classes[others[row]!]! : null)),
              },
            },
            tag: 'label_error',
            tagged: flagged.map((row) => ids[row]!),
          },
        )
      : null
    const names = await nameSamples(
      catalog,
      dataset,
      worst.map((row) => ids[row]!),
    )
    return {
      method: input.method,
      rule,
      source,
      samples: ids.length,
      skipped: given.skipped,
      agreement: 1 - disagrees.reduce((sum, one) => sum + one, 0) / Math.max(1, ids.length),
      estimated: learned.estimatedErrors,
      count: flagged.length,
      classes: classes.flatMap((name, k) => {
        const own = classOf.reduce((sum, one) => sum + (one === k ? 1 : 0), 0)
        const errors = flagged.filter((row) => classOf[row] === k).length
        return own === 0 ? [] : [{ class: name, samples: own, threshold: learned.thresholds[k]!, errors }]
      }),
      worst: worst.map((row) => ({
        ...names.get(ids[row]!)!,
        class: classes[classOf[row]!]!,
        suggested: classes[others[row]!]!,
        quality: roundScore(quality[row]!),
        confidence: roundScore(probabilities.data[row * probabilities.columns + others[row]!]!),
      })),
      change,
    }
  })
}

function applyMethod(
  method: keyof typeof rules | 'auto',
  probabilities: Probabilities,
  classOf: Int32Array,
  learned: ConfidentLearning,
): { flags: Uint8Array; rule: string } {
  if (method !== 'auto') return { flags: learned.flag(method), rule: rules[method] }
  const { flags, expected } = flagLikely(probabilities, classOf, learned)
  return {
    flags,
    rule: `the ${expected} of lowest p(given) whose most probable class is another one: as many as it disagrees on where it is surest`,
  }
}

interface Judged {
  given: GivenClasses
  classes: string[]
  probabilities: Probabilities
  source: string
}

async function judgeByLayer(
  { catalog }: LabelDeps,
  dataset: DatasetRef,
  all: GivenClasses,
  layer: string,
): Promise<Judged> {
  const { kept, classes, probabilities } = await readPredicted(catalog, dataset, layer, all)
  return { given: keepOf(all, kept, 'no prediction'), classes, probabilities, source: `layer ${layer}` }
}

async function judgeByEmbeddings(
  { catalog, classify }: LabelDeps,
  dataset: DatasetRef,
  all: GivenClasses,
  { space, folds, seed }: { space?: string | undefined; folds: number; seed: number },
  { signal, progress }: CallContext,
): Promise<Judged> {
  const counts = new Int32Array(all.classes.length)
  for (const k of all.classOf) counts[k]!++
  const enough = Int32Array.from(all.ids.keys()).filter((row) => counts[all.classOf[row]!]! >= leastOfClass)
  const usable = renumber(keepOf(all, enough, `fewer than ${leastOfClass} of the class`))
  if (usable.classes.length < 2 || usable.ids.length < folds)
    throw new FoveaError(
      'INPUT_INVALID',
      `Expected at least ${folds} samples of two classes with ${leastOfClass} samples each, got ${usable.ids.length} samples of ${usable.classes.length} such classes.`,
      {
        hint: 'A wrong class shows only against samples of other classes: choose more with the query, or another --layer.',
      },
    )
  const {
    space: name,
    kept,
    probabilities,
  } = await (
    await classify()
  )(
    dataset,
    {
      space,
      ids: usable.ids,
      classOf: usable.classOf,
      groupOf: await readGroups(catalog, dataset, usable.ids),
      classes: usable.classes.length,
      folds,
      seed,
    },
    { signal, progress },
  )
  return {
    given: keepOf(usable, kept, 'no vector'),
    classes: usable.classes,
    probabilities,
    source: `${folds}-fold cross-validation on space ${name}`,
  }
}

/** Numbers of the groups of equal scenes; −1 for samples in none, and for all where nobody has looked for them. */
async function readGroups(
  catalog: LabelDeps['catalog'],
  dataset: DatasetRef,
  ids: readonly number[],
): Promise<Int32Array> {
  const field = 'duplicate_group'
  const groupOf = new Int32Array(ids.length).fill(-1)
  if (!(await catalog.schemaOf(dataset)).fields.some(({ name }) => name === field)) return groupOf
  const { ids: all, columns } = await catalog.columnsOf(dataset, [field])
  const valueOf = new Map(all.map((id, i) => [id, columns[0]![i] ?? null]))
  const numbers = new Map<unknown, number>()
  ids.forEach((id, row) => {
    const value = valueOf.get(id) ?? null
    if (value === null) return
    if (!numbers.has(value)) numbers.set(value, numbers.size)
    groupOf[row] = numbers.get(value)!
  })
  return groupOf
}

/** Only the samples at some places; the others count as skipped. */
function keepOf(all: GivenClasses, kept: Int32Array, reason: string): GivenClasses {
  return {
    ids: Array.from(kept, (place) => all.ids[place]!),
    classes: all.classes,
    classOf: Int32Array.from(kept, (place) => all.classOf[place]!),
    skipped: [...all.skipped, ...listSkipped({ [reason]: all.ids.length - kept.length })],
  }
}

/** Forgets classes that no sample has any more. */
function renumber(given: GivenClasses): GivenClasses {
  const used = [...new Set(given.classOf)].toSorted((a, b) => a - b)
  const places = new Map(used.map((k, place) => [k, place]))
  return {
    ...given,
    classes: used.map((k) => given.classes[k]!),
    classOf: given.classOf.map((k) => places.get(k)!),
  }
}
