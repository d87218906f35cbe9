import { useState } from 'react'
import { call } from '../api/client.ts'
import { tellFailure } from '../shell/changes.ts'
import { queryClient } from '../shell/data.ts'
import { notify } from '../shell/notices.ts'
import { Card } from '../runs/parts.tsx'
import { showTime } from '../runs/words.ts'
import { nameOf, type Version } from './version.ts'

const stages = ['none', 'staging', 'production', 'archived'] as const

/** Aliases and stage of a version, who changed them and why, and a form to change them. */
export function Standing({ version }: { version: Version }) {
  const [alias, setAlias] = useState('')
  const [stage, setStage] = useState<(typeof stages)[number]>(version.stage)
  const [reason, setReason] = useState('')
  const save = async (say: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
      notify(say)
      setReason('')
      setAlias('')
      await queryClient.invalidateQueries()
    } catch (error) {
      tellFailure(error)
    }
  }
  const move = (name: string, to: number | null): void =>
    void save(to === null ? `${name} was taken away` : `${name} stands at ${nameOf(version)}`, () =>
      call('registry.alias', { model: version.model, alias: name, number: to, reason: reason.trim() }),
    )
  return (
    <Card title="Stage and aliases">
      <label className="models-reason">
        Reason, kept with the change
        <input value={reason} maxLength={2_000} onChange={(event) => setReason(event.target.value)} />
      </label>
      <form
        className="models-form"
        onSubmit={(event) => {
          event.preventDefault()
          void save(`${nameOf(version)} is in stage ${stage}`, () =>
            call('registry.stage', { model: nameOf(version), stage, reason: reason.trim() }),
          )
        }}
      >
        <label>
          Stage{' '}
          <select value={stage} onChange={(event) => setStage(event.target.value as typeof stage)}>
            {stages.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <button
          type="submit"
          disabled={stage === version.stage || reason.trim() === ''}
          title={reason.trim() === '' ? 'A stage changes with a reason' : undefined}
        >
          Change the stage
        </button>
      </form>
      <form
        className="models-form"
        onSubmit={(event) => {
          event.preventDefault()
          move(alias.trim(), version.version)
        }}
      >
        <label>
          Alias{' '}
          <input
            list="models-usual-aliases"
            placeholder="champion"
            value={alias}
            size={14}
            maxLength={64}
            onChange={(event) => setAlias(event.target.value)}
          />
        </label>
        <datalist id="models-usual-aliases">
          {['champion', 'candidate', 'challenger'].map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <button type="submit" disabled={alias.trim() === ''}>
          Let it stand here
        </button>
        {version.aliases.map((one) => (
          <button key={one} type="button" onClick={() => move(one, null)}>
            Take away @{one}
          </button>
        ))}
      </form>
      <ol className="models-events" aria-label="What was changed, the newest first">
        {version.events.toReversed().map(({ at, actor, what, reason: why }, i) => (
          <li key={i}>
            <b>{what}</b>
            {why !== '' && <span>: {why}</span>}
            <div className="hint">
              {showTime(at)}, {actor}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  )
}
