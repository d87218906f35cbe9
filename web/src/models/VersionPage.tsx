import { useState } from 'react'
import { useCall } from '../shell/data.ts'
import { setView } from '../shell/view.ts'
import { Badge, Card, Facts, Fault, ImagesLink, RunLink } from '../runs/parts.tsx'
import { showBytes, showFigure, showTime, showValue } from '../runs/words.ts'
import { actions, ModelAction, type ActionName } from './ModelAction.tsx'
import { Aliases } from './ModelList.tsx'
import { ComparisonCard } from './ComparisonCard.tsx'
import { EvaluationView } from './EvaluationView.tsx'
import { GateEvidence } from './GateEvidence.tsx'
import { Standing } from './Standing.tsx'
import { nameOf, stageKinds, type Comparison, type Shown } from './version.ts'

/** A version of a model: how good it is, whether it may go out, and where it comes from. */
export function VersionPage({ reference }: { reference: string }) {
  const { data, error } = useCall('registry.show', { model: reference })
  const [action, setAction] = useState<ActionName | null>(null)
  const [comparison, setComparison] = useState<{ found: Comparison; dataset: string } | null>(null)
  const back = (
    <button type="button" onClick={() => setView({ model: null })}>
      ← All models
    </button>
  )
  if (data === undefined)
    return (
      <>
        <div className="runs-bar">{back}</div>
        {error === null ? (
          <div className="loading">Reading the model…</div>
        ) : (
          <Fault title="The model cannot be shown" error={error} />
        )}
      </>
    )
  const { version, attached } = data
  const name = nameOf(version)
  return (
    <>
      <div className="runs-bar">
        {back}
        <h1>{name}</h1>
        <Versions model={version.model} shown={version.version} />
        <Badge kind="plain">{version.task}</Badge>
        {version.stage !== 'none' && <Badge kind={stageKinds[version.stage]}>{version.stage}</Badge>}
        <Aliases names={version.aliases} />
        <span className="spring" />
        {(Object.keys(actions) as ActionName[]).map((one) => (
          <button key={one} type="button" onClick={() => setAction(one)}>
            {actions[one].title}…
          </button>
        ))}
      </div>
      <div className="runs-page">
        {comparison !== null && (
          <ComparisonCard
            comparison={comparison.found}
            dataset={comparison.dataset}
            onClose={() => setComparison(null)}
          />
        )}
        <EvaluationView model={name} onEvaluate={() => setAction('evaluate')} />
        <GateEvidence
          model={name}
          files={attached.map((one) => one.name).filter((file) => /^gate-.*\.json$/.test(file))}
          onGate={() => setAction('gate')}
        />
        <div className="runs-columns">
          <Standing version={version} />
          <Lineage shown={data} />
          <Card title="Files">
            <ul className="models-files">
              {version.files.map((file) => (
                <li key={file.name}>
                  <b>{file.name}</b> <span className="hint">{showBytes(file.bytes)}</span>
                  <code className="models-digest" title="SHA-256">
                    {file.sha256}
                  </code>
                </li>
              ))}
            </ul>
            {attached.length > 0 && (
              <p className="hint">
                Attached: {attached.map((one) => `${one.name} (${showBytes(one.bytes)})`).join(', ')}
              </p>
            )}
          </Card>
          <Card title="Card of the model">
            <details>
              <summary>Input, output and what is done around them</summary>
              <pre className="models-card" tabIndex={0} aria-label="Card">
                {JSON.stringify(data.card, null, 2)}
              </pre>
            </details>
            <p className="hint">
              {version.classes.length} {version.classes.length === 1 ? 'class' : 'classes'}:{' '}
              {version.classes.slice(0, 60).join(', ')}
              {version.classes.length > 60 && '…'}
            </p>
          </Card>
        </div>
      </div>
      {action !== null && (
        <ModelAction
          action={action}
          version={version}
          onCompared={(found, dataset) => setComparison({ found, dataset })}
          onClose={() => setAction(null)}
        />
      )}
    </>
  )
}

function Versions({ model, shown }: { model: string; shown: number }) {
  const { data } = useCall('registry.list', { model })
  const versions = data?.versions ?? []
  if (versions.length < 2) return null
  return (
    <select
      aria-label="Version"
      value={shown}
      onChange={(event) => setView({ model: `${model}:${event.target.value}` })}
    >
      {versions.map(({ version, aliases }) => (
        <option key={version} value={version}>
          version {version}
          {aliases.length > 0 && ` (${aliases.join(', ')})`}
        </option>
      ))}
    </select>
  )
}

function Lineage({ shown: { version, run } }: { shown: Shown }) {
  const { data } = version
  return (
    <Card title="Where it comes from">
      <Facts
        rows={[
          ['Made', `${showTime(version.createdAt)} by ${version.actor}`],
          ['Run', version.run === null ? 'none; it was registered' : <RunLink key="run" run={version.run} />],
          ...(run === null ? [] : ([['Kind of run', `${run.kind}, ${run.state}`]] as const)),
          ...(data === null
            ? ([['Data', 'not known']] as const)
            : ([
                [
                  'Data',
                  <ImagesLink key="data" dataset={data.dataset} query={data.query}>
                    {data.dataset}
                    {data.query === '' ? ', all of it' : ` where ${data.query}`}
                  </ImagesLink>,
                ],
                ['Learnt from', `${data.samples.toLocaleString('en')} samples, labels of ${data.layer}`],
                ['Held out', data.validation.toLocaleString('en')],
                ['Digest', <code key="digest">{data.digest}</code>],
              ] as const)),
          ...Object.entries(version.metrics).map(([name, value]) => [name, showFigure(value)] as const),
        ]}
      />
      {run !== null && Object.keys(run.params).length > 0 && (
        <details>
          <summary>Parameters</summary>
          <Facts rows={Object.entries(run.params).map(([name, value]) => [name, showValue(value)])} />
        </details>
      )}
    </Card>
  )
}
