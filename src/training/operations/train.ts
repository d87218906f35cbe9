import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { trainModel as spec, type TrainerName } from '#contract'
import { implement, type Operation } from '#base'
import type { RunWriter } from '#experiments'
import type { PreparedData } from '../data/prepare.ts'
import type { TrainingDeps } from '../deps.ts'
import { readParams } from '../params.ts'
import { endFailed, executePlan } from '../run/execute.ts'
import { pruneFolders } from '../run/folders.ts'
import { frameTraining, prepareInput } from '../run/plan.ts'
import { describeCall, findPrevious } from '../run/previous.ts'
import { judgeTrained, registerTrained } from '../run/register.ts'

/** Handler of training.train. */
export function createTrain(deps: TrainingDeps): Operation {
  return implement(spec, async ({ resume, ...input }, context) => {
    const started = deps.clock.monotonic()
    const { dataset, trainer, model } = await frameTraining(deps, input)
    const params = readParams(trainer, input.task, input.params)
    const runs = await deps.runs()
    const call = describeCall(spec.id, input)
    const previous = await findPrevious(runs, call, { resume, fresh: input.fresh, actor: context.actor })
    const data = await prepareInput(deps, dataset, input, context)
    await pruneFolders(deps.folder, runs, { next: previous?.id })

    const isSame = previous?.data?.digest === data.selection.digest
    const writer: RunWriter = previous
      ? await runs.reopen(previous.id)
      : await runs.start({
          kind: 'train',
          name: model,
          actor: context.actor,
          params,
          tags: { task: input.task, trainer: trainer.name },
          data: data.selection,
          call,
        })
    const notes = [...data.notes]
    const folder = join(deps.folder, writer.id)
    try {
      if (previous !== undefined && !isSame) {
        // Checkpoints of other data say nothing.
        await rm(folder, { recursive: true, force: true })
        await writer.update({ data: data.selection })
        notes.push('The data has changed since the run was stopped, so it began anew.')
      }
      const plan = {
        trainer,
        task: input.task,
        params,
        data,
        field: input.field,
        normal: input.normal,
        seed: input.seed,
      }
      await keepSelection(writer, dataset.name, data)
      // A run that was stopped while its model was judged has made it already.
      const own = isSame ? previous.model : null
      const trained = own === null ? await executePlan(deps, plan, writer, { folder }, context) : undefined
      const reference = own ?? (await registerTrained(deps, { plan, trained: trained!, writer, model }, context))
      const judged = await judgeTrained(deps, { plan, writer, dataset, model: reference }, context)
      await writer.end('done')
      await rm(folder, { recursive: true, force: true })
      return {
        run: writer.id,
        model: reference,
        trainer: trainer.name as TrainerName,
        metrics: { ...(trained?.metrics ?? previous?.metrics), ...judged.metrics },
        classes: data.classes,
        samples: data.train.length,
        validation: data.validation.length,
        skipped: data.skipped,
        resumed: previous !== undefined && isSame,
        seconds: (deps.clock.monotonic() - started) / 1000,
        heldOut: judged.heldOut,
        notes: [...notes, ...judged.notes],
      }
    } catch (caught) {
      throw await endFailed(writer, caught, context.signal)
    }
  })
}

/** Which samples were learnt from and held out, as an artefact: gates look there for pictures that leak. */
async function keepSelection(
  writer: RunWriter,
  dataset: string,
  { train, validation }: Pick<PreparedData, 'train' | 'validation'>,
): Promise<void> {
  const selection = { dataset, train: train.map(({ id }) => id), validation: validation.map(({ id }) => id) }
  await writeFile(join(writer.artefacts, 'selection.json'), `${JSON.stringify(selection)}\n`)
}
