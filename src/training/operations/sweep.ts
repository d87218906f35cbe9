import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sweepParameters as spec } from '#contract'
import type { z } from 'zod'
import { FoveaError, implement, type Operation } from '#base'
import type { TrainingDeps } from '../deps.ts'
import { suggestName } from '../nearest.ts'
import { paramsSchemaOf, readParams } from '../params.ts'
import { endFailed, type TrainingPlan } from '../run/execute.ts'
import { pruneFolders } from '../run/folders.ts'
import { frameTraining, prepareInput, type TrainingFrame } from '../run/plan.ts'
import { describeCall, findPrevious } from '../run/previous.ts'
import { judgeTrained, registerTrained } from '../run/register.ts'
import { runSweep } from '../sweep/run-sweep.ts'
import type { TrialSet } from '../sweep/trial.ts'
import {
  drawTrials,
  listGrid,
  planRungs,
  usualDirection,
  usualMetric,
  type Rung,
  type TrialParams,
} from '../sweep/trials.ts'
import type { TrainingJob } from '../types.ts'

type Input = z.output<(typeof spec)['input']>

/** Handler of training.sweep. */
export function createSweep(deps: TrainingDeps): Operation {
  return implement(spec, async (input, context) => {
    const started = deps.clock.monotonic()
    const { task, seed, field, normal } = input
    const { dataset, trainer, model } = await frameTraining(deps, input)
    const { sets, rungs, paramsOf } = planSets(input, trainer)
    const metric = input.metric ?? usualMetric[task]
    const direction = input.direction ?? usualDirection(metric)
    const store = await deps.runs()
    const call = describeCall(spec.id, input)
    const previous = await findPrevious(store, call, { resume: undefined, fresh: input.fresh, actor: context.actor })
    const data = await prepareInput(deps, dataset, input, context)
    await pruneFolders(deps.folder, store, { next: previous?.id })

    const canResume = previous?.data?.digest === data.selection.digest
    const writer = canResume
      ? await store.reopen(previous.id)
      : await store.start({
          kind: 'sweep',
          name: model,
          actor: context.actor,
          params: { ...input.params, trials: sets.length },
          tags: { task, trainer: trainer.name, metric, direction },
          data: data.selection,
          call,
        })
    const folder = join(deps.folder, writer.id)
    const planOf = (set: TrialSet): TrainingPlan => ({
      trainer,
      task,
      params: paramsOf(set),
      data,
      field,
      normal,
      seed,
    })
    try {
      const earlier = canResume ? (await store.list()).filter(({ parent }) => parent === writer.id) : []
      const frame = { store, parent: writer.id, folder, name: model, metric, earlier }
      const trials = await runSweep(deps, frame, { sets, rungs, direction, planOf }, writer, context)
      const [best] = trials
      if (best?.trained === null || best === undefined)
        throw new FoveaError(
          'TRAINER_FAILED',
          `None of the ${trials.length} trials came to its end: ${best?.error ?? ''}`,
          {
            hint: 'See what each said with: fovea runs list',
          },
        )
      const { trained } = best
      const given = { plan: planOf(best), trained, writer, dataset }
      const reference = await registerTrained(deps, { ...given, model }, context)
      const judged = await judgeTrained(deps, { ...given, model: reference }, context)
      await writer.update({ params: best.params, tags: { best: best.run } })
      await writer.end('done')
      await rm(folder, { recursive: true, force: true })
      return {
        run: writer.id,
        metric,
        direction,
        trials: trials.map(({ run, params, value, epochs, seconds, error }) => ({
          run,
          params,
          value,
          epochs,
          seconds,
          error,
        })),
        model: reference,
        metrics: { ...trained.metrics, ...judged.metrics },
        heldOut: judged.heldOut,
        notes: [...data.notes, ...judged.notes],
        resumed: trials.filter(({ resumed }) => resumed).length,
        seconds: (deps.clock.monotonic() - started) / 1000,
      }
    } catch (caught) {
      throw await endFailed(writer, caught, context.signal)
    }
  })
}

/** The sets that are tried, each held against the trainer's parameters before anything runs. Throws INPUT_INVALID. */
function planSets(
  { space, strategy: asked, trials, seed, params, task }: Input,
  trainer: TrainingFrame['trainer'],
): { sets: TrialParams[]; rungs: Rung[]; paramsOf: (set: TrialSet) => TrainingJob['params'] } {
  const names = Object.keys(space)
  if (names.length === 0)
    throw new FoveaError('INPUT_INVALID', 'Expected at least one parameter with several values.', {
      hint: 'For example --param epochs=10,20,40 or --param dropout=0..0.5',
    })
  const twice = names.find((name) => name in params)
  if (twice !== undefined)
    throw new FoveaError('INPUT_INVALID', `The parameter ${twice} has one value and several.`, {
      hint: 'Give it once.',
    })
  const strategy = asked ?? (Object.values(space).every((choice) => Array.isArray(choice)) ? 'grid' : 'random')
  const sets = strategy === 'grid' ? listGrid(space, trials) : drawTrials(space, trials, seed)
  const paramsOf = ({ params: own, epochs }: TrialSet): TrainingJob['params'] =>
    readParams(trainer, task, { ...params, ...own, ...(epochs === null ? {} : { epochs }) })
  for (const own of sets) paramsOf({ params: own, epochs: null })
  if (strategy !== 'halving') return { sets, rungs: [], paramsOf }
  const known = Object.keys(paramsSchemaOf(trainer, task).shape)
  if (!known.includes('epochs') || 'epochs' in space)
    throw new FoveaError(
      'INPUT_INVALID',
      `Successive halving sets the parameter epochs by itself, and ${'epochs' in space ? 'it is among those that are tried' : `trainer ${trainer.name} has none`}.`,
      {
        hint:
          'epochs' in space
            ? 'Give the most epochs as one value.'
            : `Take --strategy random. ${suggestName('epochs', known)}`,
      },
    )
  const epochs = Number(paramsOf({ params: sets[0]!, epochs: null })['epochs'])
  return { sets, rungs: planRungs(sets.length, epochs), paramsOf }
}
