import { useId, useState } from 'react'
import { describeQueryNames } from '../../../src/contract/query-names.ts'
import { formatNumber } from '../../../src/quality/reports/plain-words.ts'
import { CopyButton } from '../sample/CopyButton.tsx'
import { setView } from '../shell/view.ts'
import { Badge } from './Badge.tsx'
import { Findings } from './Findings.tsx'
import { Plot, Trend } from './Plot.tsx'
import { queryOf, type CheckResult, type ReportSummary } from './report-data.ts'

interface CheckSectionProps {
  dataset: string
  check: CheckResult
  trend: ReportSummary['values']
  isOpen: boolean
}

/** One check of a report: a line, and below it, when it is open, what it found and how to get there. */
export function CheckSection({ dataset, check, trend, isOpen: startsOpen }: CheckSectionProps) {
  const [isOpen, setOpen] = useState(startsOpen)
  const body = useId()
  return (
    <li className="checks-check">
      <h3>
        <button type="button" aria-expanded={isOpen} aria-controls={body} onClick={() => setOpen(!isOpen)}>
          <span className="checks-caret" aria-hidden>
            {isOpen ? '▾' : '▸'}
          </span>
          <span className="checks-outcome">
            <Badge outcome={check.outcome} />
          </span>
          <span className="checks-title">
            {check.title}
            <span className="hint">{check.message}</span>
          </span>
          <span className="checks-figure">
            {check.value === null ? '–' : formatNumber(check.value)}
            {check.bound !== null && <span className="hint">{check.bound}</span>}
          </span>
          <span className="checks-line">
            <Trend values={trend} />
          </span>
        </button>
      </h3>
      <div id={body} hidden={!isOpen} className="checks-body">
        {isOpen && <CheckBody dataset={dataset} check={check} />}
      </div>
    </li>
  )
}

/** What a broken bound does. */
const weights: Record<CheckResult['severity'], string> = {
  fail: 'stops the data when broken',
  warn: 'warns when broken',
  info: 'is noted when broken',
}

function CheckBody({ dataset, check }: { dataset: string; check: CheckResult }) {
  const query = queryOf(check)
  const leftOut = describeQueryNames(check)
  const open = (): void => {
    if (query !== null) setView({ dataset, query, tab: 'grid' })
  }
  return (
    <>
      {check.error !== null && <pre className="checks-error">{check.error}</pre>}
      <p className="checks-facts">
        <span>
          Found {formatNumber(check.found)} of {formatNumber(check.looked)} {check.unit}
        </span>
        <code>{check.id === check.check ? check.id : `${check.id} (${check.check})`}</code>
        <span>{weights[check.severity]}</span>
      </p>
      {query !== null && (
        <div className="checks-query">
          <code>{query}</code>
          <CopyButton text={query} what="the query" />
          <button type="button" className="checks-show" onClick={open}>
            {check.query === null ? 'Show the worst' : 'Show the images'}
          </button>
        </div>
      )}
      {leftOut !== null && <p className="checks-hint">{leftOut}</p>}
      {check.hint !== null && <p className="checks-hint">{check.hint}</p>}
      {check.plot !== null && <Plot plot={check.plot} />}
      {check.findings.length > 0 && <Findings dataset={dataset} check={check} />}
    </>
  )
}
