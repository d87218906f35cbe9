import { useId, useState, type SubmitEvent, type ReactNode } from 'react'
import { change, tellFailure } from '../shell/changes.ts'
import { useCall } from '../shell/data.ts'
import { clearSelection, selectionQuery, useSelection } from '../shell/selection.ts'
import { getView, setView, useView } from '../shell/view.ts'
import { openOperation } from './palette-state.ts'
import { Problem } from './Problem.tsx'
import { readValue } from './read-value.ts'
import { deleteSelection, setSelection, tagSelection, tooManyForQuery, untagSelection } from './selection-changes.ts'

export interface PanelProps {
  dataset: string
  onDone: () => void
}

/** One line of a form; it closes when what it does was done. */
function Line(props: { action: string; run: () => Promise<boolean>; onDone: () => void; children: ReactNode }) {
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    const isDone = await props.run()
    setBusy(false)
    if (isDone) props.onDone()
  }
  return (
    <form className="actions-row" onSubmit={(event) => void submit(event)}>
      {props.children}
      <button type="submit" className="actions-main" disabled={isBusy}>
        {props.action}
      </button>
      <button type="button" onClick={props.onDone}>
        Cancel
      </button>
    </form>
  )
}

export function TagPanel({ dataset, onDone, isOff = false }: PanelProps & { isOff?: boolean }) {
  const [text, setText] = useState('')
  const id = useId()
  const known = useCall('dataset.show', { dataset }).data?.tags ?? []
  const tags = text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
  const run = async (): Promise<boolean> =>
    tags.length === 0 ? false : isOff ? untagSelection(dataset, tags) : tagSelection(dataset, tags)
  return (
    <Line action={isOff ? 'Untag' : 'Tag'} run={run} onDone={onDone}>
      <label htmlFor={id}>{isOff ? 'Tags to take off, commas between' : 'Tags to put on, commas between'}</label>
      <input id={id} list={`${id}-known`} autoFocus required value={text} onChange={(e) => setText(e.target.value)} />
      <datalist id={`${id}-known`}>
        {known.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </Line>
  )
}

export function SetPanel({ dataset, onDone }: PanelProps) {
  const [field, setField] = useState('')
  const [text, setText] = useState('')
  const id = useId()
  const fields = (useCall('field.list', { dataset }).data?.fields ?? []).filter(({ writable }) => writable)
  const known = fields.find(({ name }) => name === field)
  const run = async (): Promise<boolean> => {
    try {
      return await setSelection(dataset, field.trim(), readValue(text, known?.type ?? null))
    } catch (error) {
      tellFailure(error)
      return false
    }
  }
  return (
    <Line action="Set" run={run} onDone={onDone}>
      <label htmlFor={id}>Field</label>
      <input
        id={id}
        list={`${id}-known`}
        autoFocus
        required
        placeholder="one there is, or a new one"
        value={field}
        onChange={(event) => setField(event.target.value)}
      />
      <datalist id={`${id}-known`}>
        {fields.map(({ name, type }) => (
          <option key={name} value={name}>
            {type}
          </option>
        ))}
      </datalist>
      <label htmlFor={`${id}-value`}>{known === undefined ? 'Value' : `Value (${known.type})`}</label>
      <input
        id={`${id}-value`}
        placeholder="empty: missing"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </Line>
  )
}

export function SplitPanel({ dataset, onDone }: PanelProps) {
  const [text, setText] = useState('')
  const id = useId()
  const { data } = useCall('dataset.show', { dataset })
  const names = new Set(['train', 'val', 'test', ...(data?.splits ?? []).flatMap(({ name }) => name ?? [])])
  return (
    <Line action="Set split" run={() => setSelection(dataset, 'split', text.trim() || null)} onDone={onDone}>
      <label htmlFor={id}>Split (empty: none)</label>
      <input id={id} list={`${id}-known`} autoFocus value={text} onChange={(event) => setText(event.target.value)} />
      <datalist id={`${id}-known`}>
        {[...names].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <button
        type="button"
        onClick={() => {
          onDone()
          openOperation('split.assign')
        }}
      >
        By shares, without leaks…
      </button>
    </Line>
  )
}

export function SlicePanel({ dataset, onDone }: PanelProps) {
  const [name, setName] = useState('')
  const id = useId()
  const run = async (): Promise<boolean> => {
    const query = selectionQuery(getView().query)
    if (query === null) {
      tellFailure(tooManyForQuery)
      return false
    }
    const saved = await change(
      'slice.save',
      { dataset, name, query },
      ({ slice }) => `Saved the slice ${slice.name}: ${(slice.count ?? 0).toLocaleString('en')} samples.`,
    )
    return saved !== undefined
  }
  return (
    <Line action="Save" run={run} onDone={onDone}>
      <label htmlFor={id}>Name of the slice</label>
      <input
        id={id}
        autoFocus
        required
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
    </Line>
  )
}

export function DeletePanel({ dataset, onDone }: PanelProps) {
  const { ids } = useSelection()
  const { query } = useView()
  const what =
    ids.size > 0
      ? `the ${ids.size.toLocaleString('en')} selected samples`
      : query.trim() === ''
        ? 'every sample of the dataset'
        : 'every sample the query finds'
  const remove = async (): Promise<void> => {
    if (await deleteSelection(dataset)) onDone()
  }
  return (
    <div className="actions-row">
      <span>{`Remove ${what} from ${dataset}? Files are never touched, and undo brings the samples back.`}</span>
      <button type="button" className="actions-danger" onClick={() => void remove()}>
        Remove
      </button>
      <button type="button" autoFocus onClick={onDone}>
        Keep
      </button>
    </div>
  )
}

export function ExplainPanel({ dataset, onDone }: PanelProps) {
  const { ids } = useSelection()
  const { query } = useView()
  const input = ids.size > 0 ? { dataset, samples: [...ids].map((id) => `s_${id}`) } : { dataset, query }
  const { data, error, isPlaceholderData } = useCall('query.explain', input)
  if (error !== null) return <Problem error={error} />
  if (data === undefined || isPlaceholderData)
    return (
      <div className="hint" role="status">
        Looking for the shortest description…
      </div>
    )
  const about = `${data.selected.toLocaleString('en')} of ${data.of.toLocaleString('en')} samples`
  if (data.selected === data.of)
    return <div className="hint">{`These are all ${about}: select some to have them told apart.`}</div>
  if (data.explanations.length === 0)
    return <div className="hint">{`Nothing tells these ${about} from the others.`}</div>
  return (
    <>
      <div className="hint">{`What these ${about} have in common:`}</div>
      <ul className="actions-list">
        {data.explanations.map((one, i) => (
          <li key={one.query}>
            <button
              type="button"
              className="mono"
              autoFocus={i === 0}
              title="Put it into the query"
              onClick={() => {
                clearSelection()
                setView({ query: one.query })
                onDone()
              }}
            >
              {one.query}
            </button>
            <span className="hint">
              {`precision ${percent(one.precision)} · recall ${percent(one.recall)} · ${one.count.toLocaleString('en')} samples`}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
