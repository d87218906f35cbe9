import { useState, type ReactNode } from 'react'
import { Dialog } from '../actions/Dialog.tsx'
import { JobRun } from '../actions/JobRun.tsx'
import { call, type ApiError, type Job, type Output } from '../api/client.ts'
import { startJob, tellFailure } from '../shell/changes.ts'
import { queryClient, useCall } from '../shell/data.ts'
import { notify } from '../shell/notices.ts'
import { getView, setView } from '../shell/view.ts'
import { Badge, Fault } from '../runs/parts.tsx'
import { nameOf, type Comparison, type Version } from './version.ts'

export const actions = {
  evaluate: { title: 'Evaluate', start: 'Evaluate', fields: ['dataset', 'query', 'slices'] },
  compare: { title: 'Compare with', start: 'Compare', fields: ['other', 'dataset', 'query'] },
  predict: { title: 'Predict into layer', start: 'Predict', fields: ['dataset', 'query', 'layer', 'minScore'] },
  gate: { title: 'Gate', start: 'Hold against the gate', fields: ['gate'] },
  deploy: { title: 'Deploy', start: 'Deploy', fields: ['endpoint', 'role', 'share'] },
} as const
export type ActionName = keyof typeof actions

type FieldName = (typeof actions)[ActionName]['fields'][number]
type Texts = Record<FieldName, string>

interface ModelActionProps {
  action: ActionName
  version: Version
  onCompared: (comparison: Comparison, dataset: string) => void
  onClose: () => void
}

/** Asks what an action on a version needs, runs it, and tells what came of it. */
export function ModelAction({ action, version, onCompared, onClose }: ModelActionProps) {
  const { dataset, query } = getView()
  // Judged again, a version is judged on the same samples, unless the page shows others.
  const judged = useCall('evaluation.show', { model: nameOf(version) }).data
  const [typed, setTyped] = useState<Partial<Texts>>({})
  const texts: Texts = {
    dataset: (query === '' ? judged?.dataset : dataset) ?? dataset ?? version.data?.dataset ?? '',
    query: query === '' ? (judged?.query ?? '') : query,
    slices: '',
    other: '',
    layer: '',
    minScore: '',
    gate: '',
    endpoint: version.model,
    role: 'primary',
    share: '0.1',
    ...typed,
  }
  const [job, setJob] = useState<string | null>(null)
  const { title, start, fields } = actions[action]
  const submit = async (): Promise<void> => {
    if (action !== 'deploy') return setJob((await startAction(action, version, texts))?.id ?? null)
    try {
      const { endpoint } = await deploy(version, texts)
      notify(`${endpoint.name} serves ${nameOf(version)}`)
      await queryClient.invalidateQueries()
      setView({ tab: 'endpoints', endpoint: endpoint.name })
    } catch (error) {
      tellFailure(error)
    }
  }
  const isReady = (action !== 'compare' || texts.other !== '') && (action !== 'deploy' || texts.endpoint.trim() !== '')
  return (
    <Dialog label={`${title}: ${nameOf(version)}`} onClose={onClose}>
      <h2>
        {title}: {nameOf(version)}
      </h2>
      {job === null ? (
        <form
          className="actions-form"
          onSubmit={(event) => {
            event.preventDefault()
            void submit()
          }}
        >
          {fields.map((field, i) => (
            <Field
              key={field}
              field={field}
              version={version}
              value={texts[field]}
              hasFocus={i === 0}
              onChange={(value) => setTyped((all) => ({ ...all, [field]: value }))}
            />
          ))}
          <div className="actions-row actions-foot">
            <button type="submit" className="runs-main-button" disabled={!isReady}>
              {start}
            </button>
            <button type="button" onClick={onClose}>
              Cancel
            </button>
          </div>
        </form>
      ) : (
        <JobRun id={job} onBack={() => setJob(null)} onClose={onClose}>
          {(result) => (
            <Result
              action={action}
              result={result}
              onClose={onClose}
              onCompared={(comparison) => onCompared(comparison, texts.dataset)}
            />
          )}
        </JobRun>
      )}
    </Dialog>
  )
}

function startAction(
  action: Exclude<ActionName, 'deploy'>,
  version: Version,
  { dataset, query, slices, other, layer, minScore, gate }: Texts,
): Promise<Job | undefined> {
  const model = nameOf(version)
  const data = { ...(dataset === '' ? {} : { dataset }), query }
  const list = slices
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  if (action === 'evaluate') return startJob('evaluation.model', { model, ...data, slices: list })
  if (action === 'compare') return startJob('evaluation.compare', { before: other, after: model, ...data })
  if (action === 'gate') return startJob('gate.run', { model, ...(gate.trim() === '' ? {} : { gate: gate.trim() }) })
  return startJob('models.predict', {
    model,
    ...data,
    ...(layer.trim() === '' ? {} : { layer: layer.trim() }),
    ...(minScore === '' ? {} : { minScore: Number(minScore) }),
  })
}

const deploy = (version: Version, { endpoint, role, share }: Texts): Promise<Output<'serving.deploy'>> => {
  const name = endpoint.trim()
  const model = nameOf(version)
  if (role === 'canary') return call('serving.deploy', { name, canary: model, canaryShare: Number(share) })
  return call('serving.deploy', role === 'shadow' ? { name, shadow: model } : { name, model })
}

interface FieldProps {
  field: FieldName
  version: Version
  value: string
  hasFocus: boolean
  onChange: (value: string) => void
}

const words: Record<FieldName, { label: string; hint: string }> = {
  dataset: { label: 'Dataset', hint: '' },
  query: { label: 'Query', hint: 'Which samples; empty for all' },
  slices: { label: 'Slices', hint: 'Saved slices or fields, with commas; the worst slices are found by themselves' },
  other: { label: 'Compare with', hint: 'What was there before' },
  layer: { label: 'Layer', hint: 'Written to; the name of the model when empty' },
  minScore: { label: 'Least score', hint: '0 to 1; when empty, the card of the model decides' },
  gate: { label: 'Gate', hint: 'Name in fovea.gates.yaml; may be empty where there is only one' },
  endpoint: { label: 'Endpoint', hint: 'A new name, or one whose model changes' },
  role: { label: 'As', hint: 'canary: answers a share; shadow: sees every request and answers none' },
  share: { label: 'Share', hint: 'Of the requests, for a canary' },
}

function Field({ field, version, value, hasFocus, onChange }: FieldProps) {
  const { label, hint } = words[field]
  const id = `models-${field}`
  const common = { id, value, autoFocus: hasFocus }
  const change = (event: { target: { value: string } }): void => onChange(event.target.value)
  let control: ReactNode
  if (field === 'dataset') control = <Datasets {...common} onChange={onChange} />
  else if (field === 'other') control = <Others {...common} version={version} onChange={onChange} />
  else if (field === 'role')
    control = (
      <select {...common} onChange={change}>
        {['primary', 'canary', 'shadow'].map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    )
  else if (field === 'share' || field === 'minScore')
    control = <input {...common} type="number" min={0} max={1} step="any" onChange={change} />
  else control = <input {...common} spellCheck={false} onChange={change} />
  return (
    <div className="actions-field">
      <label htmlFor={id}>{label}</label>
      {control}
      {hint !== '' && <span className="hint">{hint}</span>}
    </div>
  )
}

interface ChoiceProps {
  id: string
  value: string
  autoFocus: boolean
  onChange: (value: string) => void
}

function Datasets({ onChange, ...common }: ChoiceProps) {
  const { data } = useCall('dataset.list', {})
  const names = data?.datasets.map(({ name }) => name) ?? []
  return (
    <select {...common} onChange={(event) => onChange(event.target.value)}>
      {!names.includes(common.value) && <option value={common.value}>{common.value}</option>}
      {names.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  )
}

function Others({ version, onChange, ...common }: ChoiceProps & { version: Version }) {
  const { data, error } = useCall('registry.list', { task: version.task })
  const others = (data?.versions ?? []).map(nameOf).filter((name) => name !== nameOf(version))
  if (error !== null) return <Fault title="The models cannot be listed" error={error} />
  if (data !== undefined && others.length === 0)
    return <span className="hint">There is no other model of this task.</span>
  return (
    <select {...common} onChange={(event) => onChange(event.target.value)}>
      <option value="">Choose…</option>
      {others.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  )
}

interface ResultProps {
  action: ActionName
  result: unknown
  onCompared: (comparison: Comparison) => void
  onClose: () => void
}

/** What came of a job, with the way on. */
function Result({ action, result, onCompared, onClose }: ResultProps) {
  const problem = (result as { error?: ApiError } | null)?.error
  if (problem !== undefined) return <Fault title="It failed" error={problem} />
  const leave = (label: string, go: () => void): ReactNode => (
    <div className="actions-row actions-foot">
      <button
        type="button"
        autoFocus
        onClick={() => {
          go()
          onClose()
        }}
      >
        {label}
      </button>
    </div>
  )
  if (action === 'compare') {
    const comparison = result as Comparison
    return (
      <>
        <p>Both were judged on {comparison.samples.toLocaleString('en')} samples.</p>
        {leave('Show the differences', () => onCompared(comparison))}
      </>
    )
  }
  if (action === 'gate') {
    const { passed, gate, outcomes } = result as Output<'gate.run'>
    return (
      <>
        <p>
          <Badge kind={passed ? 'good' : 'bad'}>{passed ? 'let through' : 'kept out'}</Badge> by the gate {gate}:{' '}
          {outcomes.filter((one) => one.passed).length} of {outcomes.length} were met.
        </p>
        {leave('Show the evidence', () => {})}
      </>
    )
  }
  if (action === 'predict') {
    const { layer, predicted, labels } = result as Output<'models.predict'>
    return (
      <>
        <p>
          {labels.toLocaleString('en')} labels of {predicted.toLocaleString('en')} samples stand in the layer {layer}.
        </p>
        {leave('Close', () => {})}
      </>
    )
  }
  const { samples } = result as Output<'evaluation.model'>
  return (
    <>
      <p>It was judged on {samples.toLocaleString('en')} samples.</p>
      {leave('Show the evaluation', () => {})}
    </>
  )
}
