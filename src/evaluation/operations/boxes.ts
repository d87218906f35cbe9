import { evaluateBoxes as spec } from '#contract'
import { formatSampleId, implement, throwIfAborted, type Operation } from '#base'
import { writeFields, type EvaluationPort, type LabelColumns } from '#catalog'
import { evaluateBoxes } from '../detection/coco.ts'
import type { BoxColumns } from '../detection/group.ts'
import { countConfusions, overlapOf, pairBoxes } from '../detection/pair-boxes.ts'
import { noClass, type LabelVerdict } from '../judge/types.ts'
import { countVerdicts, fieldPrefix } from '../verdicts/attributes.ts'
import { writeVerdicts, type VerdictRow } from '../verdicts/write.ts'
import { onlyToldOfVersions } from '../only-told.ts'

const worstSamples = 20
type Tally = Record<'right' | 'wrong' | 'missed', number>

/** Handler of evaluation.boxes. Every label with a place counts by its box. */
export function createBoxEvaluation({ catalog }: { catalog: EvaluationPort }): Operation {
  return implement(spec, async (asked, context) => {
    const dataset = await catalog.resolveDataset(asked.dataset)
    const input = onlyToldOfVersions(asked, dataset)
    const selection = { query: input.query }
    const schema = await catalog.schemaOf(dataset)
    context.progress.report({ stage: 'read', done: 0, total: 2, unit: 'layers' })
    const truth = keepBoxes(await catalog.labelColumns(dataset, input.truth, selection))
    const predicted = keepBoxes(await catalog.labelColumns(dataset, input.predictions, selection))
    const samples = await catalog.idsOf(dataset, selection)
    context.progress.report({ stage: 'read', done: 2, total: 2, unit: 'layers' })
    throwIfAborted(context.signal)
    const truths = { ...asBoxes(truth), area: truth.area, crowd: truth.crowd }
    const scores = Float64Array.from(predicted.scores, (score) => (Number.isNaN(score) ? 1 : score))
    const said = { ...asBoxes(predicted), score: scores }
    const { figures, categories, found } = evaluateBoxes(truths, said)
    throwIfAborted(context.signal)

    const bySample = new Map<number, Tally>(samples.map((id) => [id, { right: 0, wrong: 0, missed: 0 }]))
    const byClass = new Map<number, Tally & { truths: number; predictions: number }>()
    const classTally = (category: number): Tally & { truths: number; predictions: number } => {
      const tally = byClass.get(category) ?? { right: 0, wrong: 0, missed: 0, truths: 0, predictions: 0 }
      byClass.set(category, tally)
      return tally
    }
    const count = (kind: keyof Tally, sample: number, category: number): void => {
      bySample.get(sample)![kind]++
      classTally(category)[kind]++
    }
    // Best first, each true box goes to the best prediction that found it, so leaving out low scores takes nothing from high ones.
    const isFound = new Uint8Array(truth.ids.length)
    found.forEach((box, row) => {
      classTally(predicted.classes[row]!).predictions++
      if (scores[row]! < input.minScore) return
      if (box >= 0) isFound[box] = 1
      if (box >= 0 && truth.crowd[box] === 1) return
      count(box >= 0 ? 'right' : 'wrong', predicted.samples[row]!, predicted.classes[row]!)
    })
    truth.classes.forEach((category, row) => {
      if (truth.crowd[row] === 1) return
      classTally(category).truths++
      if (isFound[row] === 0) count('missed', truth.samples[row]!, category)
    })

    const total = [...bySample.values()].reduce(
      (sum, one) => ({ right: sum.right + one.right, wrong: sum.wrong + one.wrong, missed: sum.missed + one.missed }),
      { right: 0, wrong: 0, missed: 0 },
    )
    const prefix = fieldPrefix(input.predictions)
    const fields = (['right', 'wrong', 'missed'] as const).map((kind) => `${prefix}_${kind}`)
    const isSure = Uint8Array.from(scores, (score) => (score >= input.minScore ? 1 : 0))
    const pairs = pairBoxes(truths, said, { found, isSure })
    const names = new Map(schema.classes.map(({ id, name }) => [id, name]))
    const nameOf = (id: number): string => names.get(id) ?? '(no class)'
    const judge = (
      row: number,
      own: BoxColumns,
      match: number,
      other: BoxColumns,
      ids: Float64Array,
    ): LabelVerdict => ({
      outcome:
        match < 0 ? (own === said ? 'fp' : 'fn') : own.category[row] === other.category[match] ? 'tp' : 'confused',
      match: match < 0 ? null : ids[match]!,
      class: match < 0 ? null : nameOf(other.category[match]!),
      iou: match < 0 ? null : overlapOf(own, row, other, match),
    })
    const saidRows: VerdictRow[] = [...predicted.ids].map((id, row) => ({
      id,
      verdict: pairs.isJudged[row] === 0 ? null : judge(row, said, pairs.ofPrediction[row]!, truths, truth.ids),
    }))
    const trueRows: VerdictRow[] = [...truth.ids].map((id, row) => ({
      id,
      verdict: truth.crowd[row] === 1 ? null : judge(row, truths, pairs.ofTruth[row]!, said, predicted.ids),
    }))
    const change = input.dryRun
      ? null
      : await writeFields(
          catalog,
          {
            dataset,
            actor: context.actor,
            operation: spec.id,
            summary: `Held the boxes of ${input.predictions} against ${input.truth}`,
          },
          Object.fromEntries(
            (['right', 'wrong', 'missed'] as const).map((kind, i) => [
              fields[i]!,
              { type: 'integer' as const, values: [...bySample.values()].map((one) => one[kind]) },
            ]),
          ),
          [...bySample.keys()],
          (open) =>
            writeVerdicts(open, prefix, input.truth === input.predictions ? saidRows : [...trueRows, ...saidRows]),
        )
    const seen = [...byClass.keys()].toSorted((a, b) => a - b)
    const apOf = new Map(categories.map((one) => [one.category, one]))
    return {
      samples: samples.length,
      truths: truth.crowd.reduce((sum, crowd) => sum + 1 - crowd, 0),
      predictions: predicted.ids.length,
      figures,
      at: { ...total, ...rates(total) },
      classes: [...byClass]
        .map(([id, tally]) => ({
          class: nameOf(id),
          truths: tally.truths,
          predictions: tally.predictions,
          ap: apOf.get(id)?.ap ?? null,
          ap50: apOf.get(id)?.ap50 ?? null,
          right: tally.right,
          wrong: tally.wrong,
          missed: tally.missed,
        }))
        .toSorted((a, b) => b.truths - a.truths || (a.class < b.class ? -1 : 1)),
      worst: [...bySample]
        .filter(([, one]) => one.wrong + one.missed > 0)
        .toSorted(([a, one], [b, other]) => other.wrong + other.missed - one.wrong - one.missed || a - b)
        .slice(0, worstSamples)
        .map(([id, one]) => ({ sample: formatSampleId(id), wrong: one.wrong, missed: one.missed })),
      confusion: {
        classes: [...seen.map(nameOf), noClass],
        counts: countConfusions(inOrder(truths, seen), inOrder(said, seen), pairs, seen.length),
      },
      fields: input.dryRun ? [] : fields,
      labels: input.dryRun
        ? null
        : countVerdicts({ prefix, truth: input.truth, layer: input.predictions }, countOutcomes(trueRows, saidRows)),
      change,
    }
  })
}

function rates({ right, wrong, missed }: Tally): Record<'precision' | 'recall' | 'f1', number | null> {
  const share = (of: number): number | null => (of === 0 ? null : right / of)
  return {
    precision: share(right + wrong),
    recall: share(right + missed),
    f1: right + wrong + missed === 0 ? null : (2 * right) / (2 * right + wrong + missed),
  }
}

/** Labels that have a place. */
function keepBoxes(labels: LabelColumns): LabelColumns {
  const kept = [...labels.ids.keys()].filter((row) => !Number.isNaN(labels.x[row]!))
  const numbers = (column: Float64Array): Float64Array => Float64Array.from(kept, (row) => column[row]!)
  return {
    ids: numbers(labels.ids),
    samples: numbers(labels.samples),
    classes: Int32Array.from(kept, (row) => labels.classes[row]!),
    kinds: kept.map((row) => labels.kinds[row]!),
    x: numbers(labels.x),
    y: numbers(labels.y),
    w: numbers(labels.w),
    h: numbers(labels.h),
    area: numbers(labels.area),
    scores: numbers(labels.scores),
    crowd: Uint8Array.from(kept, (row) => labels.crowd[row]!),
  }
}

/** The same boxes with the places of their categories among those given. */
function inOrder<Boxes extends BoxColumns>(boxes: Boxes, categories: readonly number[]): Boxes {
  const place = new Map(categories.map((category, i) => [category, i]))
  return { ...boxes, category: boxes.category.map((category) => place.get(category)!) }
}

function countOutcomes(
  truths: readonly VerdictRow[],
  said: readonly VerdictRow[],
): Record<LabelVerdict['outcome'], number> {
  const counts = { tp: 0, fp: 0, fn: 0, confused: 0 }
  for (const { verdict } of truths) if (verdict?.outcome === 'fn') counts.fn++
  for (const { verdict } of said) if (verdict !== null) counts[verdict.outcome]++
  return counts
}

function asBoxes({ samples, classes, x, y, w, h }: LabelColumns): BoxColumns {
  const boxes = new Float64Array(4 * x.length)
  x.forEach((left, i) => boxes.set([left, y[i]!, w[i]!, h[i]!], 4 * i))
  return { image: Int32Array.from(samples), category: classes, boxes }
}
