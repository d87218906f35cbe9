import { useMemo, useState } from 'react'
import { useCall } from '../shell/data.ts'
import { AddToQuery } from './AddToQuery.tsx'
import { CopyButton } from './CopyButton.tsx'
import type { Shown } from './sample-data.ts'
import { conditionOf, copyValue, formatValue, groupFields } from './values.ts'

/** The sample's fields by what they are about; those without a value only when asked for. */
export function FieldList({ shown }: { shown: Shown }) {
  const { data, error } = useCall('field.list', { dataset: shown.dataset })
  const [find, setFind] = useState('')
  const [showsMissing, setShowsMissing] = useState(false)
  const { fields: values } = shown.sample
  const groups = useMemo(() => groupFields(data?.fields ?? [], find), [data, find])
  const missing = groups.reduce((sum, { fields }) => sum + fields.filter(({ name }) => values[name] == null).length, 0)
  const summaries = useMemo(() => new Map((data?.fields ?? []).map(({ name, summary }) => [name, summary])), [data])

  if (error !== null) return <div className="sample-empty problem">{error.message}</div>
  return (
    <>
      <div className="sample-find">
        <input
          type="search"
          value={find}
          placeholder="Find a field…"
          aria-label="Find a field"
          onChange={(event) => setFind(event.target.value)}
        />
        <button
          type="button"
          aria-pressed={showsMissing}
          disabled={missing === 0}
          onClick={() => setShowsMissing(!showsMissing)}
        >
          {missing} missing
        </button>
      </div>
      <div className="sample-scroll" tabIndex={-1}>
        {groups.map(({ title, fields }) => {
          const listed = fields.filter(({ name }) => showsMissing || values[name] != null)
          if (listed.length === 0) return null
          return (
            <section key={title} className="sample-fields" aria-label={title}>
              <h2>{title}</h2>
              <dl>
                {listed.map((field) => {
                  const value = values[field.name] ?? null
                  return (
                    <div key={field.name}>
                      <dt title={summaries.get(field.name)}>{field.name}</dt>
                      <dd>
                        <AddToQuery condition={conditionOf(value, field)} className="sample-value">
                          <span className={value === null ? 'hint' : ''}>{formatValue(value, field)}</span>
                        </AddToQuery>
                        {value !== null && <CopyButton text={copyValue(value)} what={field.name} />}
                      </dd>
                    </div>
                  )
                })}
              </dl>
            </section>
          )
        })}
        {groups.length === 0 && data !== undefined && (
          <div className="sample-empty">No field has “{find}” in its name.</div>
        )}
      </div>
    </>
  )
}
