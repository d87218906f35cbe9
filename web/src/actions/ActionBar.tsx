import { useMemo, useState, type SubmitEvent, type ReactNode } from 'react'
import { call } from '../api/client.ts'
import { change, tellFailure } from '../shell/changes.ts'
import { useCall } from '../shell/data.ts'
import { useCommands, type Command } from '../shell/keys.ts'
import { notify } from '../shell/notices.ts'
import { clearSelection, getSelection, selectionQuery, useSelection } from '../shell/selection.ts'
import { getView, setView, useView } from '../shell/view.ts'
import './actions.css'
import { openPalette } from './palette-state.ts'

type Tool = 'tag' | 'untag' | 'set' | 'split' | 'slice' | 'explain' | 'delete'

/** What can be done with the selection, or with everything the query matches when nothing is selected. */
export function ActionBar() {
  const view = useView()
  const { ids } = useSelection()
  const [tool, setTool] = useState<Tool | null>(null)
  const commands = useMemo<Command[]>(
    () => [
      { id: 'action.tag', title: 'Tag the selection', keys: 't', run: () => setTool('tag') },
      { id: 'action.explain', title: 'Explain the selection', keys: 'x', run: () => setTool('explain') },
      { id: 'action.slice', title: 'Save the query as a slice', run: () => setTool('slice') },
      { id: 'action.clear', title: 'Clear the selection', run: clearSelection },
    ],
    [],
  )
  useCommands(commands)
  const toggle = (next: Tool): void => setTool((now) => (now === next ? null : next))
  const what = ids.size > 0 ? `${ids.size.toLocaleString('en')} selected` : 'Everything shown'
  const [only] = ids
  const button = (name: Tool, label: string): ReactNode => (
    <button type="button" aria-pressed={tool === name} onClick={() => toggle(name)}>
      {label}
    </button>
  )
  return (
    <section className="actions-bar" aria-label="Actions">
      <span className="actions-what">{what}:</span>
      {button('tag', 'Tag')}
      {button('untag', 'Untag')}
      {button('set', 'Set field')}
      {button('split', 'Split')}
      {button('slice', 'Save slice')}
      {button('explain', 'Explain')}
      <button
        type="button"
        disabled={ids.size !== 1}
        title="Sort by likeness to the one selected"
        onClick={() => setView({ query: `order by similar("s_${only}") desc` })}
      >
        Similar
      </button>
      {button('delete', 'Delete')}
      <button type="button" onClick={openPalette} title="Export, embed, duplicates and everything else">
        More…
      </button>
      {ids.size > 0 && (
        <button type="button" onClick={clearSelection}>
          Clear
        </button>
      )}
      {tool !== null && (
        <div className="actions-panel">
          <ToolPanel key={tool} tool={tool} dataset={view.dataset ?? ''} onDone={() => setTool(null)} />
        </div>
      )}
    </section>
  )
}

/** Ids that one operation takes as a query. */
const idsPerCall = 1_500

/** Queries that together select what the page has selected. */
function selectedQueries(): string[] {
  const whole = selectionQuery(getView().query)
  if (whole !== null) return [whole]
  const ids = [...getSelection().ids]
  const queries: string[] = []
  for (let from = 0; from < ids.length; from += idsPerCall)
    queries.push(
      `id in (${ids
        .slice(from, from + idsPerCall)
        .map((id) => `s_${id}`)
        .join(', ')})`,
    )
  return queries
}

async function tagAll(id: 'sample.tag' | 'sample.untag', dataset: string, tags: string[]): Promise<void> {
  const verb = id === 'sample.tag' ? 'Tagged' : 'Untagged'
  const queries = selectedQueries()
  if (queries.length === 1) {
    await change(
      id,
      { dataset, query: queries[0]!, tags },
      ({ changed }) => `${verb} ${changed.toLocaleString('en')} samples.`,
    )
    return
  }
  await changeAll(queries, (query) => call(id, { dataset, query, tags }), verb)
}

/** Several changes that are undone together. */
async function changeAll(
  queries: readonly string[],
  run: (query: string) => Promise<{ changed: number; change: string | null }>,
  verb: string,
): Promise<void> {
  let changed = 0
  const made: string[] = []
  try {
    for (const query of queries) {
      const done = await run(query)
      changed += done.changed
      if (done.change !== null) made.push(done.change)
    }
  } catch (error) {
    tellFailure(error)
  }
  const undoAll = async (): Promise<void> => {
    for (const id of made.toReversed()) await call('history.undo', { change: id })
    notify(`Undone: ${verb.toLowerCase()} ${changed.toLocaleString('en')} samples.`)
  }
  if (made.length > 0)
    notify(`${verb} ${changed.toLocaleString('en')} samples.`, {
      label: 'Undo',
      run: () => void undoAll().catch(tellFailure),
    })
}

function ToolPanel({ tool, dataset, onDone }: { tool: Tool; dataset: string; onDone: () => void }) {
  switch (tool) {
    case 'tag':
    case 'untag':
      return (
        <OneLine
          label={tool === 'tag' ? 'Tags to put on, with commas between' : 'Tags to take off, with commas between'}
          action={tool === 'tag' ? 'Tag' : 'Untag'}
          onDone={onDone}
          run={(text) =>
            tagAll(
              tool === 'tag' ? 'sample.tag' : 'sample.untag',
              dataset,
              text
                .split(',')
                .map((tag) => tag.trim())
                .filter((tag) => tag !== ''),
            )
          }
        />
      )
    case 'set':
      return (
        <OneLine
          label="Field and value, like note=look again"
          action="Set"
          onDone={onDone}
          run={async (text) => {
            const at = text.indexOf('=')
            if (at < 1)
              return tellFailure({
                code: 'INPUT_INVALID',
                message: 'Expected a field and a value, like note=look again.',
              })
            await setAll(dataset, text.slice(0, at).trim(), readValue(text.slice(at + 1).trim()))
          }}
        />
      )
    case 'split':
      return (
        <OneLine
          label="Split, like train, val or test"
          action="Set split"
          onDone={onDone}
          run={(text) => setAll(dataset, 'split', text.trim())}
        />
      )
    case 'slice':
      return (
        <OneLine
          label="Name of the slice"
          action="Save"
          onDone={onDone}
          run={async (name) => {
            const query = selectionQuery(getView().query)
            if (query === null)
              return tellFailure({
                code: 'INPUT_INVALID',
                message: 'The selection is too large to be written as a query.',
                hint: 'Tag it first, then save the query tag:name.',
              })
            await change(
              'slice.save',
              { dataset, name, query },
              ({ slice }) => `Saved ${slice.name}: ${slice.count ?? 0} samples.`,
            )
          }}
        />
      )
    case 'explain':
      return <Explanations dataset={dataset} onDone={onDone} />
    case 'delete':
      return <Delete dataset={dataset} onDone={onDone} />
  }
}

/** A value as text: numbers, true, false, nothing for missing, else text. */
function readValue(text: string): string | number | boolean | null {
  if (text === '') return null
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

async function setAll(dataset: string, field: string, value: string | number | boolean | null): Promise<void> {
  const queries = selectedQueries()
  const say = ({ changed }: { changed: number }): string => `Set ${field} of ${changed.toLocaleString('en')} samples.`
  if (queries.length === 1) await change('sample.set', { dataset, query: queries[0]!, field, value }, say)
  else await changeAll(queries, (query) => call('sample.set', { dataset, query, field, value }), 'Set')
}

function OneLine(props: {
  label: string
  action: string
  run: (text: string) => Promise<void> | void
  onDone: () => void
}) {
  const [text, setText] = useState('')
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    await props.run(text)
    props.onDone()
  }
  return (
    <form className="actions-row" onSubmit={(event) => void submit(event)}>
      <label htmlFor="action-text">{props.label}</label>
      <input id="action-text" autoFocus required value={text} onChange={(event) => setText(event.target.value)} />
      <button type="submit">{props.action}</button>
      <button type="button" onClick={props.onDone}>
        Cancel
      </button>
    </form>
  )
}

function Explanations({ dataset, onDone }: { dataset: string; onDone: () => void }) {
  const { ids } = useSelection()
  const { query } = useView()
  const input = ids.size > 0 ? { dataset, samples: [...ids].map((id) => `s_${id}`) } : { dataset, query }
  const { data, error, isPending } = useCall('query.explain', input)
  if (error !== null)
    return (
      <div role="alert">
        <span className="problem">{error.message}</span> {error.hint}
      </div>
    )
  if (isPending) return <div className="hint">Looking for the shortest description…</div>
  const { explanations, selected, of } = data
  if (explanations.length === 0)
    return (
      <div className="hint">{`Nothing tells the ${selected.toLocaleString('en')} of ${of.toLocaleString('en')} samples from the others.`}</div>
    )
  return (
    <ul className="actions-list">
      {explanations.map((one) => (
        <li key={one.query}>
          <button
            type="button"
            className="mono"
            onClick={() => {
              setView({ query: one.query })
              clearSelection()
              onDone()
            }}
          >
            {one.query}
          </button>
          <span className="hint">
            {`precision ${percent(one.precision)}, recall ${percent(one.recall)}, ${one.count.toLocaleString('en')} samples`}
          </span>
        </li>
      ))}
    </ul>
  )
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

function Delete({ dataset, onDone }: { dataset: string; onDone: () => void }) {
  const count = getSelection().ids.size
  const remove = async (): Promise<void> => {
    const queries = selectedQueries().map((query) => (query.trim() === '' ? 'id >= s_0' : query))
    const say = ({ changed }: { changed: number }): string =>
      `Removed ${changed.toLocaleString('en')} samples from the dataset.`
    if (queries.length === 1) await change('sample.delete', { dataset, query: queries[0]! }, say)
    else await changeAll(queries, (query) => call('sample.delete', { dataset, query }), 'Removed')
    clearSelection()
    onDone()
  }
  return (
    <div className="actions-row" role="alertdialog" aria-label="Remove samples">
      <span>
        {count > 0 ? `Remove the ${count.toLocaleString('en')} selected samples` : 'Remove every sample that is shown'}{' '}
        from the dataset? Files are never touched, and undo brings them back.
      </span>
      <button type="button" onClick={() => void remove()}>
        Remove
      </button>
      <button type="button" autoFocus onClick={onDone}>
        Keep
      </button>
    </div>
  )
}
