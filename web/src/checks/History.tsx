import { setView } from '../shell/view.ts'
import { countOutcome, outcomesWorstFirst } from '../../../src/quality/reports/plain-words.ts'
import { describeAge, type ReportSummary } from './report-data.ts'

/** Reports so far, newest first; the one that is shown is marked. */
export function History({ reports, shown }: { reports: readonly ReportSummary[]; shown: string | null }) {
  const now = Date.now()
  return (
    <ul className="checks-history">
      {reports.map((report) => (
        <li key={report.id}>
          <button
            type="button"
            aria-current={report.id === shown ? 'true' : undefined}
            onClick={() => setView({ report: report.id })}
          >
            <span className={`checks-sign ${report.outcome}`} aria-hidden />
            <span className="checks-of">
              <span>
                {report.suite}
                <span className="hint"> · {describeAge(report.at, now)}</span>
              </span>
              <span className="hint">{describeCounts(report)}</span>
              {report.scope !== '' && <code className="hint">{report.scope}</code>}
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}

const describeCounts = ({ counts }: ReportSummary): string => {
  const said = outcomesWorstFirst.flatMap((outcome) =>
    (counts[outcome] ?? 0) === 0 ? [] : [countOutcome(outcome, counts[outcome])],
  )
  return said.length === 0 ? 'no checks' : said.join(', ')
}
