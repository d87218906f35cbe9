import { useMemo, useState, type ReactNode, type SubmitEvent } from 'react'
import { call, isApiError, type ApiError, type OperationId } from '../api/client.ts'
import { startJob, undo } from '../shell/changes.ts'
import { queryClient } from '../shell/data.ts'
import { notify } from '../shell/notices.ts'
import { selectionQuery } from '../shell/selection.ts'
import { getView } from '../shell/view.ts'
import { openJobs } from './jobs-state.ts'
import type { OperationInfo } from './operations.ts'
import { Problem } from './Problem.tsx'
import { listFields, readForm, type FormField } from './schema-form.ts'

interface OperationFormProps {
  operation: OperationInfo
  /** Fields that are asked for first; all of them when left out. */
  first?: readonly string[] | undefined
  onBack: () => void
  onClose: () => void
}

/** A form for any operation, made from its schema; shows what it answers. Long ones run as jobs, removing ones ask first. */
export function OperationForm({ operation, first, onBack, onClose }: OperationFormProps) {
  const fields = useMemo(() => listFields(operation.schema, getView().dataset), [operation])
  const [texts, setTexts] = useState<Record<string, string>>(() =>
    Object.fromEntries(
      fields.map(({ key, initial }) => [
        key,
        key === 'query' ? (selectionQuery(getView().query) ?? getView().query) : initial,
      ]),
    ),
  )
  const [isSure, setSure] = useState(operation.effect !== 'destructive')
  const [answer, setAnswer] = useState<string | null>(null)
  const [problem, setProblem] = useState<ApiError | null>(null)

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    setProblem(null)
    try {
      const input = readForm(fields, texts) as never
      if (operation.long) {
        if ((await startJob(operation.id as OperationId, input)) === undefined) return
        openJobs()
        onClose()
        return
      }
      const output = await call(operation.id as OperationId, input)
      setAnswer(JSON.stringify(output, null, 2))
      if (operation.effect === 'read') return
      const { change } = output as { change?: string | null }
      notify(
        `Done: ${operation.id}`,
        typeof change === 'string' ? { label: 'Undo', run: () => void undo(change) } : null,
      )
      await queryClient.invalidateQueries()
    } catch (error) {
      setProblem(
        isApiError(error)
          ? error
          : { code: 'INPUT_INVALID', message: error instanceof Error ? error.message : String(error) },
      )
    }
  }
  const isFirst = ({ key, required }: FormField): boolean => required || (first?.includes(key) ?? true)
  const [shown, rest] = [fields.filter(isFirst), fields.filter((field) => !isFirst(field))]
  const show = (field: FormField): ReactNode => (
    <Field
      key={field.key}
      field={field}
      hasFocus={field === shown.find(({ key }) => key !== 'dataset')}
      value={texts[field.key] ?? ''}
      onChange={(value) => setTexts((all) => ({ ...all, [field.key]: value }))}
    />
  )
  return (
    <form className="actions-form" onSubmit={(event) => void submit(event)}>
      <div className="actions-row">
        <button type="button" onClick={onBack}>
          ← All commands
        </button>
        <span className="hint mono">{operation.id}</span>
      </div>
      <h2>{operation.summary}</h2>
      {shown.map(show)}
      {rest.length > 0 && (
        <details>
          <summary>All settings</summary>
          <div className="actions-form">{rest.map(show)}</div>
        </details>
      )}
      {operation.effect === 'destructive' && (
        <label className="actions-check">
          <input type="checkbox" checked={isSure} onChange={(event) => setSure(event.target.checked)} />
          Yes, remove it
        </label>
      )}
      <Problem error={problem} />
      <div className="actions-row">
        <button type="submit" disabled={!isSure}>
          {operation.long ? 'Start' : 'Run'}
        </button>
      </div>
      {answer !== null && (
        <pre className="actions-answer" tabIndex={0} aria-label="Answer">
          {answer}
        </pre>
      )}
    </form>
  )
}

interface FieldProps {
  field: FormField
  value: string
  hasFocus: boolean
  onChange: (value: string) => void
}

function Field({ field, value, hasFocus, onChange }: FieldProps) {
  const { key, kind, description, required, choices } = field
  const id = `operation-${key}`
  return (
    <div className="actions-field">
      <label htmlFor={id}>
        {key}
        {required ? ' *' : ''}
      </label>
      {kind === 'boolean' || kind === 'choice' ? (
        <select id={id} autoFocus={hasFocus} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">(usual)</option>
          {(kind === 'boolean' ? ['true', 'false'] : choices).map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          autoFocus={hasFocus}
          type={kind === 'number' ? 'number' : 'text'}
          {...(kind === 'number' ? { step: 'any' } : {})}
          required={required}
          value={value}
          {...(kind === 'json' ? { placeholder: 'JSON, or a list with commas' } : {})}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      {description !== '' && <span className="hint">{description}</span>}
    </div>
  )
}
