import { useMemo, useState, type SubmitEvent } from 'react'
import { call, isApiError, type ApiError, type OperationId } from '../api/client.ts'
import { startJob } from '../shell/changes.ts'
import { queryClient } from '../shell/data.ts'
import { getView } from '../shell/view.ts'
import { openJobs } from './jobs-state.ts'
import type { OperationInfo } from './operations.ts'
import { listFields, readForm, type FormField } from './schema-form.ts'

interface OperationFormProps {
  operation: OperationInfo
  onBack: () => void
  onClose: () => void
}

/** A form for any operation, made from its schema; shows what it answers. Long ones run as jobs, removing ones ask first. */
export function OperationForm({ operation, onBack, onClose }: OperationFormProps) {
  const fields = useMemo(() => listFields(operation.schema, getView().dataset), [operation])
  const [texts, setTexts] = useState<Record<string, string>>(() =>
    Object.fromEntries(fields.map(({ key, initial }) => [key, key === 'query' ? getView().query : initial])),
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
      setAnswer(JSON.stringify(await call(operation.id as OperationId, input), null, 2))
      if (operation.effect !== 'read') await queryClient.invalidateQueries()
    } catch (error) {
      setProblem(
        isApiError(error)
          ? error
          : { code: 'INPUT_INVALID', message: error instanceof Error ? error.message : String(error) },
      )
    }
  }
  return (
    <form className="actions-form" onSubmit={(event) => void submit(event)}>
      <div className="actions-row">
        <button type="button" onClick={onBack}>
          ← All commands
        </button>
        <span className="hint mono">{operation.id}</span>
      </div>
      <h2>{operation.summary}</h2>
      {fields.map((field) => (
        <Field
          key={field.key}
          field={field}
          value={texts[field.key] ?? ''}
          onChange={(value) => setTexts((all) => ({ ...all, [field.key]: value }))}
        />
      ))}
      {operation.effect === 'destructive' && (
        <label className="actions-check">
          <input type="checkbox" checked={isSure} onChange={(event) => setSure(event.target.checked)} />
          Yes, remove it
        </label>
      )}
      {problem !== null && (
        <div role="alert">
          <div className="problem">{problem.message}</div>
          {problem.hint !== undefined && <div className="hint">{problem.hint}</div>}
        </div>
      )}
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

function Field({ field, value, onChange }: { field: FormField; value: string; onChange: (value: string) => void }) {
  const { key, kind, description, required, choices } = field
  const id = `operation-${key}`
  return (
    <div className="actions-field">
      <label htmlFor={id}>
        {key}
        {required ? ' *' : ''}
      </label>
      {kind === 'boolean' || kind === 'choice' ? (
        <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
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
          type={kind === 'number' ? 'number' : 'text'}
          {...(kind === 'number' ? { step: 'any' } : {})}
          required={required}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      {description !== '' && <span className="hint">{description}</span>}
    </div>
  )
}
