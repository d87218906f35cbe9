import { useState, type SubmitEvent } from 'react'
import type { Output } from '../api/client.ts'
import { change } from '../shell/changes.ts'
import { quoteText } from '../shell/view.ts'
import { CountButton } from './CountButton.tsx'

type ClassRow = Output<'dataset.show'>['classes'][number]

/** Classes drawn at once; the rest comes on asking. */
const shownAtFirst = 200

/** The dictionary of the dataset: what each class is called, looks like and means. */
export function ClassTable({ dataset, classes }: { dataset: string; classes: readonly ClassRow[] }) {
  const [edited, setEdited] = useState<string | null>(null)
  const [isWhole, setWhole] = useState(false)
  const shown = isWhole ? classes : classes.slice(0, shownAtFirst)
  return (
    <section className="stats-section" aria-label="Classes">
      <h2>Classes ({classes.length.toLocaleString('en')})</h2>
      {classes.length === 0 ? (
        <p className="hint">No classes. They come with imported labels, or are added here.</p>
      ) : (
        <table className="stats-table">
          <thead>
            <tr>
              <th scope="col">Class</th>
              <th scope="col">Key</th>
              <th scope="col">Definition</th>
              <th scope="col">Samples</th>
              <th scope="col">Labels</th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) =>
              edited === one.name ? (
                <tr key={one.name}>
                  <td colSpan={6}>
                    <ClassForm dataset={dataset} given={one} onDone={() => setEdited(null)} />
                  </td>
                </tr>
              ) : (
                <tr key={one.name}>
                  <td>
                    <span className="stats-swatch" style={{ background: one.color }} />
                    {one.name}
                    {one.supercategory !== null && one.supercategory !== '' && (
                      <span className="hint"> · {one.supercategory}</span>
                    )}
                  </td>
                  <td>{one.hotkey !== null && <kbd>{one.hotkey}</kbd>}</td>
                  <td className="stats-definition">{one.definition}</td>
                  <td className="stats-number">
                    <CountButton
                      count={one.samples}
                      about={`samples of ${one.name}`}
                      condition={`class = ${quoteText(one.name)}`}
                    />
                  </td>
                  <td className="stats-number">{one.labels.toLocaleString('en')}</td>
                  <td>
                    <button type="button" aria-label={`Edit ${one.name}`} onClick={() => setEdited(one.name)}>
                      Edit
                    </button>
                  </td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      )}
      <div className="stats-choices">
        {shown.length < classes.length && (
          <button type="button" onClick={() => setWhole(true)}>
            Show all {classes.length.toLocaleString('en')}
          </button>
        )}
        {edited === '' ? (
          <ClassForm dataset={dataset} given={null} onDone={() => setEdited(null)} />
        ) : (
          <button type="button" onClick={() => setEdited('')}>
            Add a class
          </button>
        )}
      </div>
    </section>
  )
}

function ClassForm({ dataset, given, onDone }: { dataset: string; given: ClassRow | null; onDone: () => void }) {
  const [name, setName] = useState(given?.name ?? '')
  const [color, setColor] = useState(given?.color ?? '#2f55d4')
  const [hotkey, setHotkey] = useState(given?.hotkey ?? '')
  const [definition, setDefinition] = useState(given?.definition ?? '')
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const saved = await change(
      'ontology.edit-class',
      {
        dataset,
        class: given?.name ?? name,
        ...(given !== null && name !== given.name ? { rename: name } : {}),
        color,
        hotkey: hotkey === '' ? null : hotkey,
        definition,
      },
      ({ class: made }) => `Saved the class ${made.name}.`,
    )
    if (saved !== undefined) onDone()
  }
  return (
    <form
      className="stats-class-form"
      aria-label={given === null ? 'Add a class' : `Edit ${given.name}`}
      onSubmit={(event) => void save(event)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onDone()
      }}
    >
      <label>
        Colour <input type="color" value={color} onChange={(event) => setColor(event.target.value)} />
      </label>
      <label>
        Name
        <input autoFocus required maxLength={500} value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      <label>
        Key
        <input className="stats-key" maxLength={1} value={hotkey} onChange={(event) => setHotkey(event.target.value)} />
      </label>
      <label className="stats-wide">
        Definition
        <input maxLength={5_000} value={definition} onChange={(event) => setDefinition(event.target.value)} />
      </label>
      <button type="submit">Save</button>
      <button type="button" onClick={onDone}>
        Cancel
      </button>
    </form>
  )
}
