import { evaluateClasses as spec } from '#contract'
import { createRng, implement, throwIfAborted, type Operation } from '#base'
import { writeFields, type EvaluationPort, type LabelColumns } from '#catalog'
import { countVerdicts, fieldPrefix } from '../verdicts/attributes.ts'
import { writeVerdicts, type VerdictRow } from '../verdicts/write.ts'
import { bootstrapClasses, calibrationError, countPairs, measureClasses, rocArea } from '../classes/figures.ts'
import { onlyToldOfVersions } from '../only-told.ts'

const best = 5

interface Judged {
  sample: number
  truth: number
  /** True labels, all of that class. */
  truthIds: number[]
  /** Predicted classes, best score first; a label without a score counts as certain. */
  ranked: ClassLabel[]
}

interface ClassLabel {
  id: number
  category: number
  score: number | null
}

/** Handler of evaluation.classes. */
export function createClassEvaluation({ catalog }: { catalog: EvaluationPort }): Operation {
  return implement(spec, async (asked, context) => {
    const dataset = await catalog.resolveDataset(asked.dataset)
    const input = onlyToldOfVersions(asked, dataset)
    const selection = { query: input.query }
    const samples = await catalog.idsOf(dataset, selection)
    const truth = classesBySample(await catalog.labelColumns(dataset, input.truth, selection))
    const predicted = classesBySample(await catalog.labelColumns(dataset, input.predictions, selection))
    throwIfAborted(context.signal)
    const skipped = { unlabelled: 0, severalClasses: 0, unpredicted: 0 }
    const judged: Judged[] = []
    for (const sample of samples) {
      const labels = truth.get(sample) ?? []
      const own = new Set(labels.map(({ category }) => category))
      const ranked = predicted.get(sample)
      if (own.size === 0) skipped.unlabelled++
      else if (own.size > 1) skipped.severalClasses++
      else if (ranked === undefined) skipped.unpredicted++
      else judged.push({ sample, truth: [...own][0]!, truthIds: labels.map(({ id }) => id), ranked })
    }

    const names = new Map((await catalog.schemaOf(dataset)).classes.map(({ id, name }) => [id, name]))
    const ids = [...new Set(judged.flatMap((one) => [one.truth, one.ranked[0]!.category]))].toSorted((a, b) => a - b)
    const place = new Map(ids.map((id, i) => [id, i]))
    const pairs = {
      truth: Int32Array.from(judged, (one) => place.get(one.truth)!),
      predicted: Int32Array.from(judged, (one) => place.get(one.ranked[0]!.category)!),
      count: ids.length,
    }
    const figures = judged.length === 0 ? undefined : measureClasses(countPairs(pairs), ids.length)
    const intervals = judged.length === 0 ? undefined : bootstrapClasses(pairs, createRng(`bootstrap ${input.seed}`))
    throwIfAborted(context.signal)

    const prefix = fieldPrefix(input.predictions)
    const field = `${prefix}_outcome`
    const right = judged.filter(({ truth: own, ranked: [first] }) => own === first!.category).length
    const nameOf = (id: number): string => names.get(id) ?? '(no class)'
    const change =
      !input.dryRun && judged.length > 0
        ? await writeFields(
            catalog,
            {
              dataset,
              actor: context.actor,
              operation: spec.id,
              summary: `Held the classes of ${input.predictions} against ${input.truth}`,
            },
            {
              [field]: {
                type: 'string',
                values: judged.map(({ truth: own, ranked: [first] }) =>
                  own === first!.category ? 'right' : `${nameOf(own)} taken for ${nameOf(first!.category)}`,
                ),
              },
            },
            judged.map(({ sample }) => sample),
            (open) => writeVerdicts(open, prefix, judgeLabels(judged, nameOf, input.truth === input.predictions)),
          )
        : null
    return {
      samples: judged.length,
      skipped,
      accuracy: figures?.accuracy ?? null,
      accuracyInterval: intervals?.accuracy ?? null,
      balancedAccuracy: figures?.balancedAccuracy ?? null,
      macroF1: figures?.macroF1 ?? null,
      macroF1Interval: intervals?.macroF1 ?? null,
      weightedF1: figures?.weightedF1 ?? null,
      ...measureScores(judged),
      classes: (figures?.perClass ?? []).map((one, i) => ({ class: nameOf(ids[i]!), ...one })),
      confusion: figures?.confusion ?? [],
      field: change === null ? null : field,
      labels:
        change === null
          ? null
          : countVerdicts(
              { prefix, truth: input.truth, layer: input.predictions },
              { tp: right, confused: judged.length - right, fp: 0, fn: 0 },
            ),
      change,
    }
  })
}

/** What the best predicted label of each sample came to, and the true ones; further predicted labels are not judged. */
function judgeLabels(
  judged: readonly Judged[],
  nameOf: (category: number) => string,
  isOneLayer: boolean,
): VerdictRow[] {
  return judged.flatMap(({ truth, truthIds, ranked: [first, ...others] }) => {
    const outcome = first!.category === truth ? ('tp' as const) : ('confused' as const)
    const ofTrue = { outcome, match: first!.id, class: nameOf(first!.category), iou: null }
    const ofSaid = { outcome, match: truthIds[0]!, class: nameOf(truth), iou: null }
    return [
      ...(isOneLayer ? [] : truthIds.map((id) => ({ id, verdict: ofTrue }))),
      { id: first!.id, verdict: ofSaid },
      ...others.map(({ id }) => ({ id, verdict: null })),
    ]
  })
}

/** What needs scores; null where there are too few of them. */
function measureScores(judged: readonly Judged[]): Record<'top5' | 'calibrationError' | 'auroc', number | null> {
  const nothing = { top5: null, calibrationError: null, auroc: null }
  if (judged.length === 0 || judged.some(({ ranked }) => ranked[0]!.score === null)) return nothing
  const right = Uint8Array.from(judged, ({ truth, ranked }) => (ranked[0]!.category === truth ? 1 : 0))
  const scores = Float64Array.from(judged, ({ ranked }) => ranked[0]!.score!)
  const isShare = scores.every((score) => score >= 0 && score <= 1)
  const severally = judged.every(({ ranked }) => ranked.length > 1)
  const hits = judged.filter(({ truth, ranked }) => ranked.slice(0, best).some(({ category }) => category === truth))
  return {
    top5: severally ? hits.length / judged.length : null,
    calibrationError: isShare ? calibrationError(scores, right) : null,
    auroc: meanRocArea(judged),
  }
}

function meanRocArea(judged: readonly Judged[]): number | null {
  const classes = [...new Set(judged.flatMap(({ ranked }) => ranked.map(({ category }) => category)))]
  if (classes.length < 2 || judged.some(({ ranked }) => ranked.length !== classes.length)) return null
  const areas = classes.map((category) =>
    rocArea(
      Float64Array.from(judged, ({ ranked }) => ranked.find((one) => one.category === category)?.score ?? 0),
      Uint8Array.from(judged, ({ truth }) => (truth === category ? 1 : 0)),
    ),
  )
  const known = areas.filter((area) => area !== null)
  return known.length < classes.length ? null : known.reduce((sum, area) => sum + area, 0) / known.length
}

/** Classes of whole pictures by sample, best score first. */
function classesBySample(labels: LabelColumns): Map<number, ClassLabel[]> {
  const bySample = new Map<number, ClassLabel[]>()
  labels.kinds.forEach((kind, row) => {
    if (kind !== 'class' || labels.classes[row]! < 0) return
    const list = bySample.get(labels.samples[row]!) ?? []
    const score = labels.scores[row]!
    list.push({ id: labels.ids[row]!, category: labels.classes[row]!, score: Number.isNaN(score) ? null : score })
    bySample.set(labels.samples[row]!, list)
  })
  for (const list of bySample.values()) list.sort((a, b) => (b.score ?? 1) - (a.score ?? 1))
  return bySample
}
