import { useCall } from '../shell/data.ts'
import { useView } from '../shell/view.ts'
import { History } from './History.tsx'
import './checks.css'
import { Problem } from './Problem.tsx'
import { ReportPane } from './ReportPane.tsx'
import { Progress, RunForm } from './RunForm.tsx'
import { useCheckJob, writeSuite } from './run-suite.ts'

/** Data tests: suites and past reports at the left, one report with its evidence at the right. */
export function ChecksView() {
  const view = useView()
  const dataset = view.dataset ?? ''
  const suites = useCall('check.suites', {})
  const history = useCall('check.history', { dataset, limit: 200 })
  const { running, failed } = useCheckJob(dataset)
  // Reports of the dataset that was shown before are not these.
  const isListed = history.data !== undefined && !history.isPlaceholderData
  const reports = isListed ? history.data.reports : []
  const shown = view.report ?? reports[0]?.id ?? null
  const isMissing = suites.error?.code === 'SUITE_NOT_FOUND'
  return (
    <div className="checks-view">
      <section className="checks-side" aria-label="Suites and reports">
        <h2>Run</h2>
        {suites.data !== undefined && suites.error === null && (
          <RunForm
            key={dataset}
            dataset={dataset}
            file={suites.data}
            usual={reports[0]?.suite ?? 'default'}
            running={running}
          />
        )}
        {suites.error !== null &&
          (isMissing ? (
            <p className="hint">There is no suite file yet.</p>
          ) : (
            <Problem title="The suites cannot be read" error={suites.error} />
          ))}
        {suites.isPending && <p className="hint">Reading the suites…</p>}
        {failed?.error != null && failed.error.code !== suites.error?.code && (
          <Problem title="The last run failed" error={failed.error} />
        )}
        <h2>Reports</h2>
        {history.error !== null && <Problem title="The reports cannot be listed" error={history.error} />}
        {isListed && reports.length === 0 && (
          <p className="hint">None yet. Each run is kept here, so that figures can be followed over time.</p>
        )}
        <History reports={reports} shown={shown} />
      </section>
      <div className="checks-main">
        {shown !== null ? (
          <ReportPane id={shown} history={reports} />
        ) : running !== undefined ? (
          <div className="empty">
            <h1>{running.operation === 'check.init' ? 'Looking at the data' : 'Running the checks'}</h1>
            <Progress job={running} />
          </div>
        ) : isMissing && isListed ? (
          <NoSuite dataset={dataset} />
        ) : suites.error === null && isListed ? (
          <div className="empty">
            <h1>No report yet</h1>
            <p>Run a suite. What it finds is shown here with pictures, plots and the query that finds it again.</p>
          </div>
        ) : (
          <div className="empty">
            {suites.error === null || !isListed ? 'Loading…' : 'Mend the suite file; it is read anew at every run.'}
          </div>
        )}
      </div>
    </div>
  )
}

function NoSuite({ dataset }: { dataset: string }) {
  return (
    <div className="empty">
      <h1>No data tests yet</h1>
      <p>
        Tests for images as code has them: dark, blurry and doubled pictures, leaks between splits, drift, wrong labels.
        They stand in a file, <code>fovea.checks.yaml</code>, in the folder of the workspace.
      </p>
      <p>
        A first file can be learned from {dataset} as it is now: every bound with a comment that says where it comes
        from.
      </p>
      <button type="button" className="checks-run" onClick={() => void writeSuite(dataset)}>
        Write a suite from this data
      </button>
      <p>
        On the command line: <code>fovea check --init</code>
      </p>
    </div>
  )
}
