import { FoveaError, formatSampleId, type CallContext } from '#base'
import type { DatasetRef, VectorPort } from '#catalog'

export interface LeakDeps {
  catalog: Pick<VectorPort, 'columnsOf' | 'schemaOf'>
  /** Pairs of samples, by id, that show the same scene. */
  pairScenes: (dataset: DatasetRef, context: CallContext) => Promise<{ a: number; b: number }[]>
}

/**
 * Says what was named to be held out though its like is learnt from: of the same scene, or of the same value of the field `group`; undefined
 * where there is none, and for the group `none`. Throws FIELD_NOT_FOUND.
 */
export async function tellLeaks(
  deps: LeakDeps,
  dataset: DatasetRef,
  { train, heldOut, group }: { train: readonly number[]; heldOut: readonly number[]; group: string },
  context: CallContext,
): Promise<string | undefined> {
  if (group === 'none') return undefined
  const leaks =
    group === 'duplicates'
      ? await pairAcross(deps, dataset, train, heldOut, context)
      : await matchValues(deps, dataset, train, heldOut, group)
  const [first] = leaks
  if (first === undefined) return undefined
  const [held, learnt] = first.map((id) => formatSampleId(id))
  const what = group === 'duplicates' ? 'show a scene that is' : `have a ${group} that is`
  const such = `${leaks.size} of the ${heldOut.length} samples held out ${what} learnt from too, such as ${held} (${learnt})`
  return `${such}: figures on them flatter the model. A share held out (--validation 0.2) keeps such samples on one side.`
}

/** A sample that is learnt from for each that is held out and shows the same scene. */
async function pairAcross(
  { pairScenes }: LeakDeps,
  dataset: DatasetRef,
  train: readonly number[],
  heldOut: readonly number[],
  context: CallContext,
): Promise<Map<number, number>> {
  const [learnt, held] = [new Set(train), new Set(heldOut)]
  const leaks = new Map<number, number>()
  for (const { a, b } of await pairScenes(dataset, context))
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const)
      if (held.has(one) && learnt.has(other) && !leaks.has(one)) leaks.set(one, other)
  return leaks
}

async function matchValues(
  { catalog }: LeakDeps,
  dataset: DatasetRef,
  train: readonly number[],
  heldOut: readonly number[],
  field: string,
): Promise<Map<number, number>> {
  if (!(await catalog.schemaOf(dataset)).fields.some(({ name }) => name === field))
    throw new FoveaError('FIELD_NOT_FOUND', `The dataset ${dataset.name} has no field ${field}.`, {
      hint: 'Give --group duplicates, none, or one of: fovea fields',
    })
  const { ids, columns } = await catalog.columnsOf(dataset, [field])
  const valueOf = new Map(ids.map((id, i) => [id, columns[0]![i] ?? null]))
  const learnt = new Map(train.map((id) => [valueOf.get(id) ?? null, id]))
  learnt.delete(null)
  return new Map(
    heldOut.flatMap((id) => {
      const other = learnt.get(valueOf.get(id) ?? null)
      return other === undefined ? [] : [[id, other] as const]
    }),
  )
}
