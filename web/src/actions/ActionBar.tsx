import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { useFrame } from '../shell/data.ts'
import { useCommands, type Command } from '../shell/keys.ts'
import { clearSelection, getSelection, useSelection } from '../shell/selection.ts'
import { getView, isVersion, setView, useView } from '../shell/view.ts'
import './actions.css'
import { openExport } from './export-state.ts'
import { openImport } from './import-state.ts'
import { moreOperations } from './more.ts'
import { openOperation, openPalette } from './palette-state.ts'
import { DeletePanel, ExplainPanel, SetPanel, SlicePanel, SplitPanel, TagPanel, type PanelProps } from './panels.tsx'

type Tool = 'tag' | 'untag' | 'set' | 'split' | 'slice' | 'explain' | 'delete' | 'more'

const tools: Record<Tool, { label: string; about: string; keys?: string }> = {
  tag: { label: 'Tag…', about: 'Tag', keys: 't' },
  untag: { label: 'Untag…', about: 'Untag' },
  set: { label: 'Set field…', about: 'Set a field' },
  split: { label: 'Split…', about: 'Set the split' },
  slice: { label: 'Save as slice', about: 'Save as a slice' },
  explain: { label: 'Explain', about: 'Explain', keys: 'x' },
  delete: { label: 'Delete', about: 'Delete' },
  more: { label: 'More…', about: 'More' },
}

/** A version is only looked at. */
const canBeUsed = (tool: Tool): boolean => tool === 'explain' || !isVersion(getView().dataset ?? '')

/** What can be done with the selection, or with everything the query finds when nothing is selected. */
export function ActionBar() {
  const { dataset, query } = useView()
  const { ids } = useSelection()
  const { data: frame } = useFrame(dataset, query)
  const [tool, setTool] = useState<Tool | null>(null)
  const bar = useRef<HTMLElement>(null)
  const panel = useRef<HTMLDivElement>(null)

  const commands = useMemo<Command[]>(
    () => [
      ...(['tag', 'untag', 'set', 'split', 'slice', 'explain', 'delete'] as const).map((name) => ({
        id: `action.${name}`,
        title: `${tools[name].about}: the selection, or all that is shown`,
        ...(tools[name].keys === undefined ? {} : { keys: tools[name].keys }),
        run: () => setTool(canBeUsed(name) ? name : null),
      })),
      { id: 'action.similar', title: 'Sort by likeness to the selected sample', run: sortBySimilar },
      { id: 'action.clear', title: 'Clear the selection', run: clearSelection },
    ],
    [],
  )
  useCommands(commands)

  useEffect(() => {
    if (tool === null) return
    // Panels without a field to type in take the focus themselves.
    if (!panel.current?.contains(document.activeElement)) panel.current?.focus()
    const onDown = (event: PointerEvent): void => {
      if (!bar.current?.contains(event.target as Node)) setTool(null)
    }
    addEventListener('pointerdown', onDown)
    return () => removeEventListener('pointerdown', onDown)
  }, [tool])

  const close = (): void => {
    setTool(null)
    bar.current?.querySelector<HTMLElement>(`[data-tool="${tool}"]`)?.focus()
  }
  const button = (name: Tool): ReactNode => (
    <button
      key={name}
      type="button"
      data-tool={name}
      aria-expanded={tool === name}
      title={tools[name].keys === undefined ? undefined : `${tools[name].about} (${tools[name].keys.toUpperCase()})`}
      onClick={() => setTool(tool === name ? null : name)}
    >
      {tools[name].label}
    </button>
  )
  const all = frame === undefined ? '' : ` ${frame.ids.length.toLocaleString('en')}`
  const what =
    ids.size > 0
      ? `${ids.size.toLocaleString('en')} selected`
      : query.trim() === ''
        ? `All${all} samples`
        : `All${all} found`
  return (
    <section className="actions-bar" aria-label="Actions" ref={bar}>
      <span className={ids.size > 0 ? 'actions-what actions-some' : 'actions-what'} aria-live="polite">
        {what}:
      </span>
      {(['tag', 'untag', 'set', 'split', 'slice'] as const).filter(canBeUsed).map(button)}
      {button('explain')}
      <button
        type="button"
        disabled={ids.size !== 1}
        title={ids.size === 1 ? 'Sort by likeness to the selected sample' : 'Select one sample first'}
        onClick={sortBySimilar}
      >
        Similar
      </button>
      <button type="button" onClick={openExport}>
        Export…
      </button>
      {(['delete', 'more'] as const).filter(canBeUsed).map(button)}
      {ids.size > 0 && (
        <button type="button" onClick={clearSelection}>
          Clear selection
        </button>
      )}
      <button type="button" className="actions-apart" title="Import, or drop files onto the page" onClick={openImport}>
        Import…
      </button>
      {tool !== null && dataset !== null && (
        <div
          ref={panel}
          key={tool}
          className="actions-panel"
          role={tool === 'delete' ? 'alertdialog' : 'dialog'}
          aria-label={tools[tool].about}
          tabIndex={-1}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            event.stopPropagation()
            close()
          }}
        >
          <p className="actions-about">{`For ${ids.size > 0 ? 'the ' : ''}${what.toLowerCase()}`}</p>
          <Panel tool={tool} dataset={dataset} onDone={close} />
        </div>
      )}
    </section>
  )
}

function sortBySimilar(): void {
  const { ids } = getSelection()
  const [only] = ids
  if (ids.size === 1) setView({ query: `order by similar("s_${only}") desc` })
}

function Panel({ tool, ...shared }: PanelProps & { tool: Tool }) {
  switch (tool) {
    case 'tag':
      return <TagPanel {...shared} />
    case 'untag':
      return <TagPanel {...shared} isOff />
    case 'set':
      return <SetPanel {...shared} />
    case 'split':
      return <SplitPanel {...shared} />
    case 'slice':
      return <SlicePanel {...shared} />
    case 'explain':
      return <ExplainPanel {...shared} />
    case 'delete':
      return <DeletePanel {...shared} />
    case 'more':
      return <MorePanel {...shared} />
  }
}

function MorePanel({ onDone }: PanelProps) {
  return (
    <div className="actions-more">
      {moreOperations.map(({ id, title }, i) => (
        <button
          key={id}
          type="button"
          autoFocus={i === 0}
          onClick={() => {
            onDone()
            openOperation(id)
          }}
        >
          {title}…
        </button>
      ))}
      <button
        type="button"
        onClick={() => {
          onDone()
          openPalette()
        }}
      >
        Everything else…
      </button>
    </div>
  )
}
