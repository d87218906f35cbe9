import { useState, type SubmitEvent } from 'react'
import type { Output } from '../api/client.ts'
import { change } from '../shell/changes.ts'
import { Description } from './Description.tsx'

type Card = Output<'dataset.show'>['card']

/** What people say about the dataset: description, licence and owner. */
export function CardText({ dataset, card }: { dataset: string; card: Card }) {
  const [draft, setDraft] = useState<Card | null>(null)
  if (draft === null)
    return (
      <section className="stats-section" aria-label="About">
        {card.description === '' ? (
          <p className="hint">
            No description yet. Say what the pictures show, where they come from and what they are for.
          </p>
        ) : (
          <Description text={card.description} />
        )}
        <dl className="stats-facts">
          <dt>Licence</dt>
          <dd>{card.licence === '' ? <span className="hint">not said</span> : card.licence}</dd>
          <dt>Owner</dt>
          <dd>{card.owner === '' ? <span className="hint">not said</span> : card.owner}</dd>
        </dl>
        <button type="button" onClick={() => setDraft(card)}>
          Edit card
        </button>
      </section>
    )
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const saved = await change('dataset.edit-card', { dataset, ...draft }, () => 'Saved the card.')
    if (saved !== undefined) setDraft(null)
  }
  const put = (part: Partial<Card>): void => setDraft({ ...draft, ...part })
  return (
    <form className="stats-section stats-form" aria-label="Edit card" onSubmit={(event) => void save(event)}>
      <label htmlFor="card-description">Description (# heading, - list, **strong**, `code`)</label>
      <textarea
        id="card-description"
        rows={10}
        maxLength={20_000}
        autoFocus
        value={draft.description}
        onChange={(event) => put({ description: event.target.value })}
      />
      <label htmlFor="card-licence">Licence</label>
      <input
        id="card-licence"
        maxLength={500}
        value={draft.licence}
        onChange={(event) => put({ licence: event.target.value })}
      />
      <label htmlFor="card-owner">Owner</label>
      <input
        id="card-owner"
        maxLength={500}
        value={draft.owner}
        onChange={(event) => put({ owner: event.target.value })}
      />
      <div className="stats-choices">
        <button type="submit">Save</button>
        <button type="button" onClick={() => setDraft(null)}>
          Cancel
        </button>
      </div>
    </form>
  )
}
