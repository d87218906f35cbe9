import { describeVerdict, outcomesWorstFirst } from '../../../src/quality/reports/plain-words.ts'
import { call } from '../api/client.ts'
import { tellFailure } from '../shell/changes.ts'
import { useCall } from '../shell/data.ts'
import { setView } from '../shell/view.ts'
import { Badge } from './Badge.tsx'
import { CheckSection } from './CheckSection.tsx'
import { Problem } from './Problem.tsx'
import { trendOf, type CheckResult, type Report, type ReportSummary } from './report-data.ts'

const files = [
  { format: 'html', title: 'HTML', ending: 'html' },
  { format: 'junit', title: 'JUnit', ending: 'xml' },
  { format: 'markdown', title: 'Markdown', ending: 'md' },
  { format: 'json', title: 'JSON', ending: 'json' },
] as const

/** A report: verdict, files to take away, checks from worst to best. */
export function ReportPane({ id, history }: { id: string; history: readonly ReportSummary[] }) {
  const { data, error, isPlaceholderData } = useCall('check.report', { id })
  if (error !== null)
    return (
      <Problem title="The report cannot be shown" error={error}>
        <button type="button" onClick={() => setView({ report: null })}>
          Show the newest
        </button>
      </Problem>
    )
  if (data === undefined) return <div className="loading">Reading the report…</div>
  const { report } = data
  const worst = outcomesWorstFirst.find((outcome) => report.checks.some((check) => check.outcome === outcome))
  // What stops the data is open; else the worst there is, but for what passed.
  const isStopped = worst === 'fail' || worst === 'error'
  const isOpen = ({ outcome }: CheckResult): boolean =>
    isStopped ? outcome === 'fail' || outcome === 'error' : outcome === worst && outcome !== 'pass'
  return (
    <article
      className={isPlaceholderData ? 'checks-report checks-old' : 'checks-report'}
      aria-label={`Report ${report.id}`}
    >
      <Verdict report={report} />
      {report.checks.length === 0 ? (
        <p className="hint">The suite has no check that applies here. Look at its stages and datasets in the file.</p>
      ) : (
        <ul className="checks-list">
          {outcomesWorstFirst.flatMap((outcome) =>
            report.checks
              .filter((check) => check.outcome === outcome)
              .map((check) => (
                <CheckSection
                  key={`${report.id} ${check.id}`}
                  dataset={report.dataset}
                  check={check}
                  trend={trendOf(check.id, report, history)}
                  isOpen={isOpen(check)}
                />
              )),
          )}
        </ul>
      )}
    </article>
  )
}

function Verdict({ report }: { report: Report }) {
  const isPassing = report.gate && report.checks.length > 0
  const facts = [
    `suite ${report.suite}`,
    `${report.samples.toLocaleString('en')} samples`,
    ...(report.scope === '' ? [] : [`where ${report.scope}`]),
    ...(report.against === null ? [] : [`against ${report.against}`]),
    ...(report.stage === null ? [] : [`stage ${report.stage}`]),
    ...(report.environment === null ? [] : [`environment ${report.environment}`]),
    new Date(report.at).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' }),
  ]
  return (
    <header className={isPassing ? 'checks-verdict' : 'checks-verdict checks-stop'}>
      <div>
        <h2>{describeVerdict(report)}</h2>
        <p className="hint">{facts.join(' · ')}</p>
        <div className="checks-counts">
          {outcomesWorstFirst
            .map((outcome) => ({ outcome, count: report.checks.filter((check) => check.outcome === outcome).length }))
            .filter(({ count }) => count > 0)
            .map(({ outcome, count }) => (
              <Badge key={outcome} outcome={outcome} count={count} />
            ))}
        </div>
      </div>
      <div className="checks-files" role="group" aria-label="Download the report">
        {files.map(({ format, title, ending }) => (
          <button
            key={format}
            type="button"
            title={`Download as ${title}`}
            onClick={() => void download(report, format, ending).catch(tellFailure)}
          >
            {title}
          </button>
        ))}
      </div>
    </header>
  )
}

async function download(report: Report, format: (typeof files)[number]['format'], ending: string): Promise<void> {
  const { text, mediaType } = await call('check.report', { id: report.id, format })
  const blob = new Blob([text ?? `${JSON.stringify(report, null, 2)}\n`], { type: mediaType })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = `${report.suite}-${report.id}.${ending}`.replaceAll(/[^\w.-]+/g, '-')
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
