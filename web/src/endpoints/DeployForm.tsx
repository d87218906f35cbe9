import { useState } from 'react'
import { call, isApiError, type ApiError, type Input } from '../api/client.ts'
import { queryClient, useCall } from '../shell/data.ts'
import { notify } from '../shell/notices.ts'
import { Problem } from '../actions/Problem.tsx'
import type { Endpoint } from './endpoint.ts'

interface DeployFormProps {
  /** The endpoint that is changed; a new one where left out. */
  endpoint?: Endpoint
  onDone: (name: string) => void
  onCancel: () => void
}

/** What an endpoint serves: its model, a canary, a shadow and its threshold. */
export function DeployForm({ endpoint, onDone, onCancel }: DeployFormProps) {
  const settings = endpoint?.settings
  const [texts, setTexts] = useState({
    name: endpoint?.name ?? '',
    model: settings?.model ?? '',
    canary: settings?.canary?.model ?? '',
    share: String(settings?.canary?.share ?? 0.1),
    shadow: settings?.shadow ?? '',
    threshold: settings?.threshold === null || settings === undefined ? '' : String(settings.threshold),
  })
  const [problem, setProblem] = useState<ApiError | null>(null)
  const [isBusy, setBusy] = useState(false)
  const { data } = useCall('registry.list', {})
  const references = [
    ...new Set(
      (data?.versions ?? []).flatMap(({ model, version, aliases }) => [
        model,
        ...aliases.map((alias) => `${model}@${alias}`),
        `${model}:${version}`,
      ]),
    ),
  ]
  const submit = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    const name = texts.name.trim()
    const canary = texts.canary.trim()
    const shadow = texts.shadow.trim()
    const input: Input<'serving.deploy'> = {
      name,
      model: texts.model.trim(),
      ...(canary !== '' ? { canary, canaryShare: Number(texts.share) } : settings?.canary ? { canary: 'none' } : {}),
      ...(shadow !== '' ? { shadow } : settings?.shadow ? { shadow: 'none' } : {}),
      ...(texts.threshold !== '' ? { threshold: Number(texts.threshold) } : settings ? { threshold: 'none' } : {}),
    }
    try {
      await call('serving.deploy', input)
      notify(`${name} is deployed`)
      await queryClient.invalidateQueries()
      onDone(name)
    } catch (error) {
      setProblem(isApiError(error) ? error : { code: 'INTERNAL', message: String(error) })
    } finally {
      setBusy(false)
    }
  }
  const field = (key: keyof typeof texts, label: string, hint: string, more: object = {}): React.ReactNode => (
    <div className="actions-field">
      <label htmlFor={`endpoints-${key}`}>{label}</label>
      <input
        id={`endpoints-${key}`}
        spellCheck={false}
        value={texts[key]}
        onChange={(event) => setTexts((all) => ({ ...all, [key]: event.target.value }))}
        {...more}
      />
      {hint !== '' && <span className="hint">{hint}</span>}
    </div>
  )
  const model = { list: 'endpoints-models' }
  return (
    <form
      className="actions-form"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      {endpoint === undefined &&
        field('name', 'Name', 'a-z, 0-9, dot, dash and underscore', { required: true, autoFocus: true })}
      {field('model', 'Model', 'NAME follows its champion, NAME@ALIAS the alias; NAME:VERSION stays', {
        ...model,
        required: true,
      })}
      {field('canary', 'Canary', 'A second version for a share of the requests; empty for none', model)}
      {texts.canary !== '' && field('share', 'Share', '0 to 1', { type: 'number', min: 0, max: 1, step: 'any' })}
      {field('shadow', 'Shadow', 'Sees every request and answers none; empty for none', model)}
      {field('threshold', 'Threshold', 'Boxes and classes below it are left out; empty for that of the model', {
        type: 'number',
        step: 'any',
      })}
      <datalist id="endpoints-models">
        {references.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <Problem error={problem} />
      <div className="actions-row actions-foot">
        <button type="submit" className="runs-main-button" disabled={isBusy}>
          {isBusy ? 'Opening the model…' : 'Deploy'}
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  )
}
