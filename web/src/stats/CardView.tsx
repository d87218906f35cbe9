import { useState, type SubmitEvent } from 'react'
import type { Output } from '../api/client.ts'
import { change } from '../shell/changes.ts'
import { useCall } from '../shell/data.ts'
import { quoteText, setView, useView } from '../shell/view.ts'
import './stats.css'

/** What the dataset is: its words, classes, layers, problems and spaces. */
export function CardView() {
  const dataset = useView().dataset ?? ''
  const { data, error } = useCall('dataset.show', { dataset })
  const spaces = useCall('spaces.list', { dataset })
  const problems = useCall('dataset.problems', { dataset, limit: 100 })
  if (error !== null)
    return (
      <div className="empty" role="alert">
        <h1>The card cannot be shown</h1>
        <p className="problem">{error.message}</p>
        <p>{error.hint}</p>
      </div>
    )
  if (data === undefined) return <div className="loading">Loading…</div>
  return (
    <div className="stats-view">
      <section className="stats-card">
        <h2>{data.name}</h2>
        <p className="hint">{`${data.samples.toLocaleString('en')} samples, ${data.labels.toLocaleString('en')} labels`}</p>
        <CardForm key={JSON.stringify(data.card)} dataset={dataset} card={data.card} />
      </section>
      <section className="stats-card">
        <h2>Classes</h2>
        <table>
          <thead>
            <tr>
              <th>Class</th>
              <th>Definition</th>
              <th>Key</th>
              <th className="stats-number">Samples</th>
              <th className="stats-number">Labels</th>
            </tr>
          </thead>
          <tbody>
            {data.classes.map(({ name, color, definition, hotkey, samples, labels }) => (
              <tr key={name}>
                <td>
                  <svg className="stats-dot" viewBox="0 0 10 10" aria-hidden>
                    <circle cx={5} cy={5} r={5} fill={color} />
                  </svg>{' '}
                  <button type="button" onClick={() => setView({ tab: 'grid', query: `class = ${quoteText(name)}` })}>
                    {name}
                  </button>
                </td>
                <td>{definition}</td>
                <td>{hotkey}</td>
                <td className="stats-number">{samples.toLocaleString('en')}</td>
                <td className="stats-number">{labels.toLocaleString('en')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section className="stats-card">
        <h2>Embedding spaces</h2>
        {(spaces.data?.spaces ?? []).length === 0 ? (
          <p className="hint">None yet. The map offers to make one.</p>
        ) : (
          <table>
            <thead>
              <tr>
                <th>Space</th>
                <th>Model</th>
                <th className="stats-number">Vectors</th>
                <th className="stats-number">Missing</th>
                <th>Maps</th>
              </tr>
            </thead>
            <tbody>
              {spaces.data!.spaces.map((space) => (
                <tr key={space.name}>
                  <td>{space.name}</td>
                  <td>{space.model}</td>
                  <td className="stats-number">{space.vectors.toLocaleString('en')}</td>
                  <td className="stats-number">{(space.missing + space.stale).toLocaleString('en')}</td>
                  <td>{space.maps.join(', ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section className="stats-card">
        <h2>Problems</h2>
        {(problems.data?.problems ?? []).length === 0 ? (
          <p className="hint">Every file could be read.</p>
        ) : (
          <table>
            <thead>
              <tr>
                <th>File</th>
                <th>What</th>
                <th>Fix</th>
              </tr>
            </thead>
            <tbody>
              {problems.data!.problems.map(({ file, code, what, fix }) => (
                <tr key={`${file} ${code} ${what}`}>
                  <td className="mono">{file}</td>
                  <td>{what}</td>
                  <td>{fix}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </div>
  )
}

type Card = Output<'dataset.show'>['card']

function CardForm({ dataset, card }: { dataset: string; card: Card }) {
  const [draft, setDraft] = useState(card)
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    await change('dataset.edit-card', { dataset, ...draft }, () => 'Saved the card.')
  }
  const isSame = JSON.stringify(draft) === JSON.stringify(card)
  return (
    <form className="stats-form" onSubmit={(event) => void save(event)}>
      <label htmlFor="card-description">Description</label>
      <textarea
        id="card-description"
        rows={4}
        value={draft.description}
        onChange={(event) => setDraft({ ...draft, description: event.target.value })}
      />
      <label htmlFor="card-licence">Licence</label>
      <input
        id="card-licence"
        value={draft.licence}
        onChange={(event) => setDraft({ ...draft, licence: event.target.value })}
      />
      <label htmlFor="card-owner">Owner</label>
      <input
        id="card-owner"
        value={draft.owner}
        onChange={(event) => setDraft({ ...draft, owner: event.target.value })}
      />
      <button type="submit" disabled={isSame}>
        Save
      </button>
    </form>
  )
}
