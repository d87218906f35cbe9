import { evaluateModel as spec, showEvaluation, type EvaluationResult } from '#contract'
import { createRng, FoveaError, implement, parseSampleId, throwIfAborted, type Operation, type Rng } from '#base'
import { refuseFields, writeFields } from '#catalog'
import type { PredictionDeps } from '../predict/operation.ts'
import type { Judged } from '../judge/types.ts'
import { bootstrapInTurns } from '../scores/bootstrap.ts'
import { judgeModel, readColumns } from './judge-model.ts'
import { describeJudged, evaluationFile, keepResult, recordRun } from './record-run.ts'
import { readEvaluation } from './read-evaluation.ts'
import { cutByField, cutByNames, judgeSlice, rankSlices, usableFields, type JudgedSlice, type Slice } from './slices.ts'
import { countVerdicts, fieldPrefix } from '../verdicts/attributes.ts'
import { countLabels, refuseTakenLayer, writeJudgedLabels, writeSaid } from '../verdicts/write-judged.ts'
import { countOutcomes, outcomeFields } from './write-outcomes.ts'

const worstSlices = 10
/** Rounds of the interval of one slice. */
const sliceRounds = 200

/** Handler of evaluation.model. */
export function createModelEvaluation(deps: PredictionDeps): Operation {
  const { catalog } = deps
  return implement(spec, async (input, context) => {
    const dataset = await catalog.resolveDataset(input.dataset)
    // Nothing is written into a version; what was found stays beside the model.
    const writes = !input.dryRun && dataset.version === undefined
    const registry = await deps.registry()
    const version = await registry.load(input.model)
    const reference = `${version.model}:${version.version}`
    const matched = await catalog.idsOf(dataset, { query: input.query })
    const among = input.samples === undefined ? undefined : new Set(input.samples.map(parseSampleId))
    const ids = among === undefined ? matched : matched.filter((id) => among.has(id))
    const layer = input.layer ?? null
    const about = { dataset: dataset.name, query: input.query, truth: input.truth }
    return recordRun(
      await deps.runs(),
      {
        kind: 'evaluate',
        name: `${reference} on ${dataset.name}`,
        actor: context.actor,
        params: { seed: input.seed, rounds: input.rounds, truth: input.truth, ...(layer === null ? {} : { layer }) },
        data: describeJudged(await catalog.mediaOf(dataset, ids), about),
        call: { operation: spec.id, input },
      },
      async (run) => {
        await run.update({ model: reference })
        const prefix = fieldPrefix(layer ?? `${version.model}_${version.version}`)
        if (layer === null && writes) await refuseTakenLayer(catalog, dataset, prefix, ids)
        const plan = { ...input, dataset, ids, version, layer, minScore: input.minScore, stage: 'evaluate' }
        const { judged, task, places, skipped, problems } = await judgeModel(deps, plan, context)
        const place = { dataset, prefix, truth: input.truth, layer: layer ?? prefix }
        const told = judged.labels === null ? null : { ids: judged.ids, labels: judged.labels, places }
        const fields = outcomeFields(prefix, judged)
        if (writes)
          await refuseFields(
            catalog,
            dataset,
            Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, type])),
          )

        context.progress.report({ stage: 'intervals', done: 0, total: 1, unit: 'step' })
        const rng = createRng(`evaluate ${input.seed}`)
        const figures = await measureAll(judged, rng, input.rounds, context.signal)
        throwIfAborted(context.signal)
        const rounds = Math.min(sliceRounds, input.rounds)
        const schema = await catalog.schemaOf(dataset)
        const usable = usableFields(schema, fieldPrefix(layer ?? version.model))
        const columns = await readColumns(catalog, dataset, [
          ...new Set([
            ...usable.map(({ name }) => name),
            ...input.slices.filter((name) => schema.fields.some((field) => field.name === name)),
          ]),
        ])
        const asked = await cutByNames(input.slices, {
          schema,
          ids: judged.ids,
          idsOf: (query) => catalog.idsOf(dataset, { query }),
          columnOf: (field) => columns.get(field)!,
        })
        const cut = usable.flatMap((field) => cutByField(field, judged.ids, columns.get(field.name)!))
        const worst = rankSlices(judged, cut, { support: input.support, most: worstSlices })
        throwIfAborted(context.signal)
        const judgeAll = async (slices: readonly Slice[]): Promise<JudgedSlice[]> => {
          const each: JudgedSlice[] = []
          for (const slice of slices)
            each.push(
              await judgeSlice(judged, within(slice, input.query), {
                rng: rng.fork('slices'),
                rounds,
                signal: context.signal,
              }),
            )
          return each
        }

        const result: EvaluationResult = {
          model: reference,
          task,
          ...about,
          layer,
          at: catalog.now(),
          samples: judged.ids.length,
          skipped,
          problems,
          main: judged.main,
          lowerIsBetter: judged.lowerIsBetter,
          figures,
          classes: judged.classes,
          confusion: judged.confusion,
          reliability: judged.reliability,
          curves: judged.curves.map(({ name, x, y }) => ({ name, x: [...x], y: [...y] })),
          slices: await judgeAll(asked),
          worst: await judgeAll(worst),
          outcomes: countOutcomes(prefix, judged.outcomes, writes),
          fields: !writes ? [] : Object.keys(fields),
          labels: !writes || told === null ? null : countVerdicts(place, countLabels(told)),
        }
        const text = await keepResult(run, result, valuesOf(figures))
        const change = !writes
          ? null
          : await writeFields(
              catalog,
              {
                dataset,
                actor: context.actor,
                operation: spec.id,
                summary: `Judged ${reference} on ${judged.ids.length} samples`,
              },
              fields,
              judged.ids,
              async (open) => {
                if (told === null) return
                if (places === null) await writeSaid(catalog, open, place, told)
                await writeJudgedLabels(catalog, open, place, told)
              },
            )
        if (!input.dryRun) await registry.attach(reference, evaluationFile, text)
        return { ...result, run: run.id, change }
      },
    )
  })
}

/** Handler of evaluation.show. */
export function createShowEvaluation({ registry }: Pick<PredictionDeps, 'registry'>): Operation {
  return implement(showEvaluation, async ({ model }) => {
    const models = await registry()
    const { model: name, version } = await models.find(model)
    const found = await readEvaluation(models, `${name}:${version}`)
    if (found !== undefined) return found
    throw new FoveaError('SOURCE_NOT_FOUND', `${name}:${version} was not evaluated yet.`, {
      hint: `fovea evaluate ${name}:${version} --data 'split = "test"'`,
    })
  })
}

/** Every figure with its interval; those that are too dear to draw again stand alone. */
async function measureAll(
  judged: Judged,
  rng: Rng,
  rounds: number,
  signal: AbortSignal,
): Promise<EvaluationResult['figures']> {
  const ones = new Float64Array(judged.ids.length).fill(1)
  const intervals = await bootstrapInTurns(judged.measure, ones.length, { rng: rng.fork('all'), rounds, signal })
  const values = { ...judged.measure(ones), ...judged.extra }
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      { value, low: intervals[name]?.low ?? null, high: intervals[name]?.high ?? null },
    ]),
  )
}

const valuesOf = (figures: EvaluationResult['figures']): Record<string, number | null> =>
  Object.fromEntries(Object.entries(figures).map(([name, { value }]) => [name, value]))

/** A slice whose query finds the judged samples only, where the query of the evaluation can be joined to it. */
function within(slice: Slice, query: string): Slice {
  if (query.trim() === '' || /\b(order\s+by|limit)\b/i.test(query)) return slice
  return { ...slice, query: `(${query}) and (${slice.query})` }
}
