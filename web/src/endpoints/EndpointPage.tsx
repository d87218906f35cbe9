import { useState } from 'react'
import { Dialog } from '../actions/Dialog.tsx'
import { call } from '../api/client.ts'
import { tellFailure } from '../shell/changes.ts'
import { queryClient } from '../shell/data.ts'
import { notify } from '../shell/notices.ts'
import { setView } from '../shell/view.ts'
import { useLive } from '../runs/live.ts'
import { Card, Facts, Fault, ModelLink, StateBadge } from '../runs/parts.tsx'
import { showTime } from '../runs/words.ts'
import { DeployForm } from './DeployForm.tsx'
import type { Endpoint } from './endpoint.ts'
import { Keys } from './Keys.tsx'
import { Playground } from './Playground.tsx'
import { StatisticsCard } from './StatisticsCard.tsx'

type Question = 'deploy' | 'rollback' | 'remove'

/** One endpoint: try it, watch it, change it. */
export function EndpointPage({ name }: { name: string }) {
  const { data, error } = useLive('serving.show', { name }, (newest) =>
    newest?.endpoint.state === 'loading' ? 1_000 : 5_000,
  )
  const [question, setQuestion] = useState<Question | null>(null)
  const back = (
    <button type="button" onClick={() => setView({ endpoint: null })}>
      ← All endpoints
    </button>
  )
  if (data === undefined)
    return (
      <>
        <div className="runs-bar">{back}</div>
        {error === null ? (
          <div className="loading">Reading the endpoint…</div>
        ) : (
          <Fault title="The endpoint cannot be shown" error={error} />
        )}
      </>
    )
  const { endpoint } = data
  return (
    <>
      <div className="runs-bar">
        {back}
        <h1>{endpoint.name}</h1>
        <StateBadge state={endpoint.state} />
        {endpoint.serving.map(({ role, model, version }) => (
          <span key={role}>
            <span className="hint">{role}</span> <ModelLink model={`${model}:${version}`} />
          </span>
        ))}
        <span className="spring" />
        <button type="button" onClick={() => setQuestion('deploy')}>
          Change what is served…
        </button>
        <button type="button" disabled={endpoint.history.length < 2} onClick={() => setQuestion('rollback')}>
          Roll back…
        </button>
        <button type="button" onClick={() => setQuestion('remove')}>
          Remove…
        </button>
      </div>
      <div className="runs-page">
        {endpoint.problem !== null && (
          <Fault
            title={`It does not serve ${endpoint.problem.reference} as ${endpoint.problem.role}`}
            error={{ ...endpoint.problem, hint: 'Deploy another version, or mend the model and deploy it again.' }}
          />
        )}
        <Playground endpoint={endpoint} />
        <StatisticsCard name={name} />
        <div className="runs-columns">
          <Settings endpoint={endpoint} />
          <Keys endpoint={endpoint} />
          <History endpoint={endpoint} />
        </div>
      </div>
      {question === 'deploy' && (
        <Dialog label={`Change ${name}`} onClose={() => setQuestion(null)}>
          <h2>What {name} serves</h2>
          <DeployForm endpoint={endpoint} onDone={() => setQuestion(null)} onCancel={() => setQuestion(null)} />
        </Dialog>
      )}
      {(question === 'rollback' || question === 'remove') && (
        <Confirm question={question} endpoint={endpoint} onClose={() => setQuestion(null)} />
      )}
    </>
  )
}

function Confirm({
  question,
  endpoint: { name, history, keys },
  onClose,
}: {
  question: 'rollback' | 'remove'
  endpoint: Endpoint
  onClose: () => void
}) {
  const [isBusy, setBusy] = useState(false)
  const now = history.at(-1)
  const before = history.findLast((one) => one.model !== now?.model || one.version !== now.version)
  const isRollback = question === 'rollback'
  const go = async (): Promise<void> => {
    setBusy(true)
    try {
      if (isRollback) {
        const { endpoint } = await call('serving.rollback', { name })
        const served = endpoint.serving[0]
        notify(`${name} serves ${served === undefined ? endpoint.settings.model : `${served.model}:${served.version}`}`)
      } else {
        await call('serving.remove', { name })
        notify(`${name} was removed`)
        setView({ endpoint: null })
      }
      onClose()
      await queryClient.invalidateQueries()
    } catch (error) {
      tellFailure(error)
      setBusy(false)
    }
  }
  return (
    <Dialog label={isRollback ? `Roll ${name} back` : `Remove ${name}`} onClose={onClose}>
      <h2>{isRollback ? `Roll ${name} back?` : `Remove ${name}?`}</h2>
      {isRollback ? (
        <p>
          It serves the version from before{before === undefined ? '' : `, ${before.model}:${before.version},`} and
          stays there.
        </p>
      ) : (
        <p>
          Requests to it are refused from now on{keys.length > 0 && `, and its ${keys.length} keys are gone`}. The model
          stays.
        </p>
      )}
      <div className="actions-row actions-foot">
        <button type="button" disabled={isBusy} onClick={() => void go()}>
          {isRollback ? 'Roll back' : 'Remove it'}
        </button>
        <button type="button" autoFocus onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  )
}

function Settings({ endpoint: { settings, createdAt, updatedAt } }: { endpoint: Endpoint }) {
  return (
    <Card title="Settings">
      <Facts
        rows={[
          ['Model', settings.model],
          [
            'Canary',
            settings.canary === null
              ? 'none'
              : `${settings.canary.model}, ${Math.round(settings.canary.share * 100)} % of the requests`,
          ],
          ['Shadow', settings.shadow ?? 'none'],
          ['Threshold', settings.threshold === null ? 'that of the model' : String(settings.threshold)],
          ['Batches', `up to ${settings.batching.maxSize}, waiting at most ${settings.batching.maxDelayMs} ms`],
          ['Queue', `${settings.queueLimit} requests`],
          ['Answers within', `${settings.timeoutMs} ms`],
          ['Made', showTime(createdAt)],
          ['Changed', showTime(updatedAt)],
        ]}
      />
    </Card>
  )
}

function History({ endpoint: { history } }: { endpoint: Endpoint }) {
  return (
    <Card title="What was served">
      <ol className="models-events">
        {history.toReversed().map(({ at, actor, model, version, reference }, i) => (
          <li key={i}>
            <ModelLink model={`${model}:${version}`} />{' '}
            {reference !== `${model}:${version}` && <span className="hint">as {reference}</span>}
            <div className="hint">
              {showTime(at)}, {actor}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  )
}
