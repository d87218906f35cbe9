import { useState } from 'react'
import { call, type Output } from '../api/client.ts'
import { tellFailure } from '../shell/changes.ts'
import { queryClient } from '../shell/data.ts'
import { notify } from '../shell/notices.ts'
import { Card } from '../runs/parts.tsx'
import { showTime } from '../runs/words.ts'
import type { Endpoint } from './endpoint.ts'

/** Keys that open an endpoint. A new one is shown this once and kept nowhere in the page. */
export function Keys({ endpoint: { name, keys } }: { endpoint: Endpoint }) {
  const [label, setLabel] = useState('')
  const [rate, setRate] = useState('')
  const [made, setMade] = useState<Output<'serving.key-add'> | null>(null)
  const [asked, setAsked] = useState<string | null>(null)
  const add = async (): Promise<void> => {
    try {
      setMade(
        await call('serving.key-add', {
          name,
          label: label.trim(),
          ...(rate === '' ? {} : { ratePerMinute: Number(rate) }),
        }),
      )
      setLabel('')
      await queryClient.invalidateQueries({ queryKey: ['serving.show'] })
    } catch (error) {
      tellFailure(error)
    }
  }
  const remove = async (id: string): Promise<void> => {
    try {
      await call('serving.key-remove', { name, id })
      notify(`${id} opens nothing any more`)
      setAsked(null)
      await queryClient.invalidateQueries({ queryKey: ['serving.show'] })
    } catch (error) {
      tellFailure(error)
    }
  }
  return (
    <Card title="Keys">
      {keys.length === 0 && (
        <p className="hint">None: whoever reaches this server may ask. With the first key, every request needs one.</p>
      )}
      <ul className="models-events">
        {keys.map((key) => (
          <li key={key.id}>
            <code>{key.id}</code> {key.label}{' '}
            <span className="hint">
              {showTime(key.createdAt)}
              {key.ratePerMinute !== null && `, ${key.ratePerMinute} a minute`}
            </span>{' '}
            {asked === key.id ? (
              <>
                <button type="button" onClick={() => void remove(key.id)}>
                  Yes, take it away
                </button>{' '}
                <button type="button" onClick={() => setAsked(null)}>
                  Keep it
                </button>
              </>
            ) : (
              <button type="button" aria-label={`Take ${key.id} away`} onClick={() => setAsked(key.id)}>
                Take away…
              </button>
            )}
          </li>
        ))}
      </ul>
      {made !== null && (
        <div className="endpoints-key" role="status">
          <p>This key is shown this once. Keep it now:</p>
          <code>{made.key}</code>{' '}
          <button
            type="button"
            onClick={() => void navigator.clipboard.writeText(made.key).then(() => notify('Copied'))}
          >
            Copy
          </button>{' '}
          <button type="button" onClick={() => setMade(null)}>
            I have it
          </button>
        </div>
      )}
      <form
        className="models-form"
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <input
          aria-label="Whom the key is for"
          placeholder="Whom it is for"
          value={label}
          maxLength={100}
          onChange={(event) => setLabel(event.target.value)}
        />
        <input
          aria-label="Requests a minute"
          placeholder="Requests a minute"
          type="number"
          min={1}
          value={rate}
          onChange={(event) => setRate(event.target.value)}
        />
        <button type="submit">Make a key</button>
      </form>
    </Card>
  )
}
