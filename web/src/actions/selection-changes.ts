import { call, type OperationId, type Output } from '../api/client.ts'
import { change, tellFailure } from '../shell/changes.ts'
import { queryClient } from '../shell/data.ts'
import { notify } from '../shell/notices.ts'
import { clearSelection, getSelection, selectionQuery } from '../shell/selection.ts'
import { getView } from '../shell/view.ts'
import { queriesOf } from './chunks.ts'

export type Value = string | number | boolean | null

/** What the selection is short of when it has to be one query. */
export const tooManyForQuery = {
  code: 'INPUT_INVALID',
  message: 'So many samples cannot be named one by one in a query.',
  hint: 'Tag them first, then use the query tag:name.',
}

export const tagSelection = (dataset: string, tags: string[]): Promise<boolean> =>
  changeSelection('Tagged', (query) => ['sample.tag', { dataset, query, tags }])

export const untagSelection = (dataset: string, tags: string[]): Promise<boolean> =>
  changeSelection('Took the tags off', (query) => ['sample.untag', { dataset, query, tags }])

export const setSelection = (dataset: string, field: string, value: Value): Promise<boolean> =>
  changeSelection(`Set ${field} of`, (query) => ['sample.set', { dataset, query, field, value }])

/** Removes what is selected from the dataset, and then selects nothing. */
export async function deleteSelection(dataset: string): Promise<boolean> {
  const isDone = await changeSelection('Removed', (query) => [
    'sample.delete',
    // An empty query is refused there, so that nobody removes everything by accident; here it was asked about.
    { dataset, query: query.trim() === '' ? 'id exists' : query },
  ])
  if (isDone) clearSelection()
  return isDone
}

type SelectionChange = 'sample.tag' | 'sample.untag' | 'sample.set' | 'sample.delete'
type Request = { [Id in SelectionChange]: readonly [Id, Parameters<typeof call<Id>>[1]] }[SelectionChange]

/** Changes what is selected, or what the query finds; many samples in several calls that are undone together. False when refused. */
async function changeSelection(verb: string, requestOf: (query: string) => Request): Promise<boolean> {
  const whole = selectionQuery(getView().query)
  const say = (changed: number): string => `${verb} ${changed.toLocaleString('en')} sample${changed === 1 ? '' : 's'}.`
  if (whole !== null) {
    const [id, input] = requestOf(whole)
    return (await change(id as OperationId, input as never, (made) => say(changedOf(made)))) !== undefined
  }
  let changed = 0
  const made: string[] = []
  let isDone = true
  try {
    for (const query of queriesOf(getSelection().ids)) {
      const [id, input] = requestOf(query)
      const done = (await call(id as OperationId, input as never)) as Output<SelectionChange>
      changed += done.changed
      if (done.change !== null) made.push(done.change)
    }
  } catch (error) {
    tellFailure(error)
    isDone = false
  }
  notify(isDone ? say(changed) : `${say(changed)} The rest was not reached.`, undoAll(made, say(changed)))
  await queryClient.invalidateQueries()
  return isDone
}

const changedOf = (made: unknown): number => (made as { changed: number }).changed

/** Takes changes back, the last first, as one. */
function undoAll(changes: readonly string[], what: string): { label: string; run: () => void } | null {
  if (changes.length === 0) return null
  const run = async (): Promise<void> => {
    for (const id of changes.toReversed()) await call('history.undo', { change: id })
    notify(`Undone: ${what}`)
    await queryClient.invalidateQueries()
  }
  return { label: 'Undo', run: () => void run().catch(tellFailure) }
}
