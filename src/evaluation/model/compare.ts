import { compareModels as spec } from '#contract'
import { createRng, formatSampleId, FoveaError, implement, throwIfAborted, type Operation } from '#base'
import { refuseFields, writeFields } from '#catalog'
import type { Judged } from '../judge/types.ts'
import type { PredictionDeps } from '../predict/operation.ts'
import { bootstrapInTurns } from '../scores/bootstrap.ts'
import { testFlips } from '../scores/mcnemar.ts'
import { judgeModel } from './judge-model.ts'
import { describeJudged, keepResult, recordRun } from './record-run.ts'
import { fieldPrefix } from '../verdicts/attributes.ts'
import { onlyToldOfVersions } from '../only-told.ts'

const toldFlips = 50

/** Both judgements of the samples that both could be judged on: places of those samples in each. */
interface Paired {
  before: Judged
  after: Judged
  ids: number[]
  rowsBefore: Int32Array
  rowsAfter: Int32Array
}

/** Handler of evaluation.compare. */
export function createModelComparison(deps: PredictionDeps): Operation {
  const { catalog } = deps
  return implement(spec, async (asked, context) => {
    const dataset = await catalog.resolveDataset(asked.dataset)
    const input = onlyToldOfVersions(asked, dataset)
    const registry = await deps.registry()
    const [before, after] = [await registry.load(input.before), await registry.load(input.after)]
    const [first, second] = [before, after].map(({ model, version }) => `${model}:${version}`) as [string, string]
    if (before.task !== after.task)
      throw new FoveaError('INPUT_INVALID', `Expected two models of one task, got ${before.task} and ${after.task}.`)
    const ids = await catalog.idsOf(dataset, { query: input.query })
    const about = { dataset: dataset.name, query: input.query, truth: input.truth }
    return recordRun(
      await deps.runs(),
      {
        kind: 'compare',
        name: `${first} against ${second}`,
        actor: context.actor,
        params: { before: first, after: second, seed: input.seed, rounds: input.rounds },
        data: describeJudged(await catalog.mediaOf(dataset, ids), about),
        call: { operation: spec.id, input: asked },
      },
      async (run) => {
        await run.update({ model: second })
        const plan = { ...input, dataset, ids, layer: null, minScore: input.minScore }
        const one = await judgeModel(deps, { ...plan, version: before, stage: first }, context)
        const other = await judgeModel(deps, { ...plan, version: after, stage: second }, context)
        throwIfAborted(context.signal)
        const paired = pair(one.judged, other.judged)
        const figures = await compareFigures(paired, { ...input, signal: context.signal })
        const flips = findFlips(paired)
        const field = fieldPrefix(`${after.model}_${after.version}_against_${before.model}_${before.version}`)
        const isWritten = flips !== null && !input.dryRun
        if (isWritten) await refuseFields(catalog, dataset, { [field]: 'string' })
        const change = isWritten
          ? await writeFields(
              catalog,
              { dataset, actor: context.actor, operation: spec.id, summary: `Held ${second} against ${first}` },
              { [field]: { type: 'string', values: flips.kinds } },
              paired.ids,
            )
          : null
        const result = {
          before: first,
          after: second,
          task: one.task,
          samples: paired.ids.length,
          skipped: other.skipped,
          main: one.judged.main,
          lowerIsBetter: one.judged.lowerIsBetter,
          figures,
          mcnemar:
            flips === null
              ? null
              : {
                  lost: flips.lost.length,
                  gained: flips.gained.length,
                  p: testFlips(flips.lost.length, flips.gained.length),
                },
          lost: flips?.lost.slice(0, toldFlips) ?? [],
          gained: flips?.gained.slice(0, toldFlips) ?? [],
          queries: isWritten ? { lost: `${field} = "lost"`, gained: `${field} = "gained"` } : null,
          field: isWritten ? field : null,
          change,
        }
        await keepResult(
          run,
          result,
          Object.fromEntries(
            Object.entries(figures).map(([name, { difference }]) => [`${name}_difference`, difference]),
          ),
        )
        return { ...result, run: run.id }
      },
    )
  })
}

function pair(before: Judged, after: Judged): Paired {
  const places = new Map(after.ids.map((id, row) => [id, row]))
  const both = before.ids.flatMap((id, row) => {
    const other = places.get(id)
    return other === undefined ? [] : [{ id, row, other }]
  })
  return {
    before,
    after,
    ids: both.map(({ id }) => id),
    rowsBefore: Int32Array.from(both, ({ row }) => row),
    rowsAfter: Int32Array.from(both, ({ other }) => other),
  }
}

type Compared = Record<
  string,
  { before: number | null; after: number | null; difference: number | null; low: number | null; high: number | null }
>

interface CompareOptions {
  seed: number
  rounds: number
  signal: AbortSignal
}

/** Figures of two judgements, paired over the samples that both hold: after − before, with intervals. Throws CANCELLED. */
export const compareJudged = (before: Judged, after: Judged, options: CompareOptions): Promise<Compared> =>
  compareFigures(pair(before, after), options)

/** Differences of all figures; the interval draws the same samples for both, so what is hard for both cancels out. */
async function compareFigures(
  { before, after, ids, rowsBefore, rowsAfter }: Paired,
  { seed, rounds, signal }: CompareOptions,
): Promise<Compared> {
  const [own, other] = [new Float64Array(before.ids.length), new Float64Array(after.ids.length)]
  const measure = (weights: Float64Array): Record<'before' | 'after', Record<string, number | null>> => {
    own.fill(0)
    other.fill(0)
    weights.forEach((weight, i) => {
      own[rowsBefore[i]!] = weight
      other[rowsAfter[i]!] = weight
    })
    return { before: before.measure(own), after: after.measure(other) }
  }
  const subtractAll = (figures: ReturnType<typeof measure>): Record<string, number | null> =>
    Object.fromEntries(
      Object.entries(figures.before).map(([name, value]) => [name, subtract(figures.after[name] ?? null, value)]),
    )
  const whole = measure(new Float64Array(ids.length).fill(1))
  const intervals = await bootstrapInTurns((weights) => subtractAll(measure(weights)), ids.length, {
    rng: createRng(`compare ${seed}`),
    rounds,
    signal,
  })
  const differences = subtractAll(whole)
  return Object.fromEntries(
    Object.entries(whole.before).map(([name, value]) => [
      name,
      {
        before: value,
        after: whole.after[name] ?? null,
        difference: differences[name] ?? null,
        low: intervals[name]?.low ?? null,
        high: intervals[name]?.high ?? null,
      },
    ]),
  )
}

const subtract = (after: number | null, before: number | null): number | null =>
  after === null || before === null ? null : after - before

interface Flip {
  sample: string
  before: string
  after: string
}

/** Samples that one model has right and the other wrong; null for tasks that know only more or less. */
function findFlips({
  before,
  after,
  ids,
  rowsBefore,
  rowsAfter,
}: Paired): { kinds: string[]; lost: Flip[]; gained: Flip[] } | null {
  if (before.right === null || after.right === null) return null
  const flips = { kinds: [] as string[], lost: [] as Flip[], gained: [] as Flip[] }
  ids.forEach((id, i) => {
    const [own, other] = [rowsBefore[i]!, rowsAfter[i]!]
    const [was, is] = [before.right![own] === 1, after.right![other] === 1]
    const flip = { sample: formatSampleId(id), before: before.outcomes[own]!, after: after.outcomes[other]! }
    if (was && !is) flips.lost.push(flip)
    if (!was && is) flips.gained.push(flip)
    flips.kinds.push(was === is ? (was ? 'both right' : 'both wrong') : was ? 'lost' : 'gained')
  })
  return flips
}
