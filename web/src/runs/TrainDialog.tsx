import { useState } from 'react'
import { Dialog } from '../actions/Dialog.tsx'
import { JobRun } from '../actions/JobRun.tsx'
import type { Input, Output } from '../api/client.ts'
import { startJob } from '../shell/changes.ts'
import { useCall } from '../shell/data.ts'
import { getView, setView } from '../shell/view.ts'
import { Fault } from './parts.tsx'

type Trainer = Output<'training.trainers'>['trainers'][number]
type Task = Trainer['tasks'][number]

/** Trains a model on what the page shows: task, trainer and its parameters with their usual values. */
export function TrainDialog({ onClose }: { onClose: () => void }) {
  const { data, error } = useCall('training.trainers', {})
  const [job, setJob] = useState<string | null>(null)
  return (
    <Dialog label="Train a model" onClose={onClose}>
      <h2>Train a model</h2>
      {error !== null && <Fault title="The trainers cannot be listed" error={error} />}
      {data === undefined && error === null && <p className="hint">Reading the trainers…</p>}
      {data !== undefined && job === null && (
        <TrainForm
          trainers={data.trainers}
          onClose={onClose}
          onStart={(input) => void startJob('training.train', input).then((begun) => setJob(begun?.id ?? null))}
        />
      )}
      {job !== null && (
        <JobRun id={job} onBack={() => setJob(null)} onClose={onClose}>
          {(result) => (
            <div className="actions-row actions-foot">
              <button
                type="button"
                autoFocus
                onClick={() => {
                  setView({ runs: [(result as Output<'training.train'>).run] })
                  onClose()
                }}
              >
                Show the run
              </button>
              <button type="button" onClick={onClose}>
                Close
              </button>
            </div>
          )}
        </JobRun>
      )}
    </Dialog>
  )
}

interface TrainFormProps {
  trainers: readonly Trainer[]
  onStart: (input: Input<'training.train'>) => void
  onClose: () => void
}

function TrainForm({ trainers, onStart, onClose }: TrainFormProps) {
  const { dataset, query } = getView()
  const tasks = [...new Set(trainers.flatMap((trainer) => trainer.tasks))]
  const [task, setTask] = useState<Task>(tasks[0] ?? 'classification')
  const fitting = trainers.filter((trainer) => trainer.tasks.includes(task))
  const [name, setName] = useState('')
  const trainer = fitting.find((one) => one.name === name) ?? fitting[0]
  const [texts, setTexts] = useState<Record<string, string>>({})
  const set = (key: string) => (event: { target: { value: string } }) =>
    setTexts((all) => ({ ...all, [key]: event.target.value }))
  const parameters = trainer?.parameters.filter((one) => one.tasks.includes(task)) ?? []
  const text = (key: string, usual = ''): string => texts[key] ?? usual
  const submit = (): void => {
    const params = Object.fromEntries(
      parameters.flatMap(({ name: key, default: usual, type }) => {
        const given = texts[`param ${key}`]?.trim() ?? ''
        return given === '' || given === String(usual) ? [] : [[key, readParameter(given, type)]]
      }),
    )
    const model = text('model').trim()
    const field = text('field').trim()
    onStart({
      ...(dataset === null ? {} : { dataset }),
      query: text('query', query),
      task,
      ...(trainer === undefined ? {} : { trainer: trainer.name }),
      ...(model === '' ? {} : { model }),
      ...(field === '' || task !== 'regression' ? {} : { field }),
      params,
      seed: Number(text('seed', '0')),
    })
  }
  return (
    <form
      className="actions-form"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Row label="Dataset">
        <span>{dataset ?? '(the only one)'}</span>
      </Row>
      <Row label="Task">
        <select aria-label="Task" autoFocus value={task} onChange={(event) => setTask(event.target.value as Task)}>
          {tasks.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </Row>
      <Row label="Trainer" hint={trainer?.title}>
        <select aria-label="Trainer" value={trainer?.name} onChange={(event) => setName(event.target.value)}>
          {fitting.map((one) => (
            <option key={one.name}>{one.name}</option>
          ))}
        </select>
      </Row>
      <Row label="Query" hint="Data to learn from; empty: all that is labelled for the task">
        <input aria-label="Query" spellCheck={false} value={text('query', query)} onChange={set('query')} />
      </Row>
      {task === 'regression' && (
        <Row label="Field" hint="Whose number is learnt">
          <input aria-label="Field" required value={text('field')} onChange={set('field')} />
        </Row>
      )}
      <Row label="Model" hint="Name it is registered under">
        <input
          aria-label="Model"
          placeholder={`${dataset ?? 'dataset'}-${task}`}
          value={text('model')}
          onChange={set('model')}
        />
      </Row>
      <Row label="Seed">
        <input aria-label="Seed" type="number" min={0} value={text('seed', '0')} onChange={set('seed')} />
      </Row>
      {parameters.length > 0 && (
        <details>
          <summary>Parameters of {trainer?.name}</summary>
          <div className="actions-form">
            {parameters.map(({ name: key, type, default: usual, description }) => (
              <Row
                key={key}
                label={key}
                hint={[description, choicesOf(type).length > 0 ? '' : type].filter((one) => one !== '').join(' · ')}
              >
                {choicesOf(type).length > 0 ? (
                  <select
                    aria-label={key}
                    value={text(`param ${key}`, String(usual ?? ''))}
                    onChange={set(`param ${key}`)}
                  >
                    {choicesOf(type).map((choice) => (
                      <option key={choice}>{choice}</option>
                    ))}
                  </select>
                ) : (
                  <input
                    aria-label={key}
                    placeholder={usual === null ? '' : String(usual)}
                    value={text(`param ${key}`)}
                    onChange={set(`param ${key}`)}
                  />
                )}
              </Row>
            ))}
          </div>
        </details>
      )}
      <div className="actions-row actions-foot">
        <button type="submit" className="runs-main-button">
          Train
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  )
}

function Row({ label, hint, children }: { label: string; hint?: string | undefined; children: React.ReactNode }) {
  return (
    <div className="actions-field">
      <span aria-hidden>{label}</span>
      {children}
      {hint !== undefined && hint !== '' && <span className="hint">{hint}</span>}
    </div>
  )
}

/** What a parameter of a type such as `none | both` may be; none for numbers and free text. */
function choicesOf(type: string): string[] {
  if (type === 'boolean') return ['true', 'false']
  return /^[\w-]+( \| [\w-]+)+$/.test(type) ? type.split(' | ') : []
}

/** A parameter as its type says; what does not fit is left to the server to refuse. */
function readParameter(text: string, type: string): string | number | boolean {
  if (/^(integer|number)/.test(type)) return Number.isFinite(Number(text)) ? Number(text) : text
  return type === 'boolean' && /^(true|false)$/.test(text) ? text === 'true' : text
}
