import { formatNumber } from '../../../src/quality/reports/plain-words.ts'
import { useClassColours } from '../labels/colours.ts'
import { useCall } from '../shell/data.ts'
import { samplesOf, type CheckResult, type Finding } from './report-data.ts'
import { Shot, type SampleLabels } from './Shot.tsx'

/** The worst of what a check found, pictures with their labels, pairs side by side. */
export function Findings({ dataset, check }: { dataset: string; check: CheckResult }) {
  const samples = samplesOf(check)
  const { data } = useCall('sample.labels', { dataset, samples }, { enabled: samples.length > 0 })
  const colourOf = useClassColours(dataset)
  const labels = new Map(data?.samples.map((of) => [of.sample, of]))
  const { findings, found } = check
  return (
    <>
      <h4 className="checks-part">
        {found > findings.length ? `The worst ${findings.length} of ${formatNumber(found)}` : 'The worst first'}
      </h4>
      <ul className="checks-shots">
        {findings.map((finding, i) => (
          <FindingTile key={i} finding={finding} labels={labels} colourOf={colourOf} />
        ))}
      </ul>
    </>
  )
}

function FindingTile({
  finding: { sample, path, label, other, score, what },
  labels,
  colourOf,
}: {
  finding: Finding
  labels: ReadonlyMap<string, SampleLabels>
  colourOf: (name: string | null) => string
}) {
  const kind = sample === null ? 'checks-text' : other === null ? 'checks-one' : 'checks-pair'
  return (
    <li className={kind}>
      {sample !== null && (
        <div className="checks-pictures">
          <Shot sample={sample} path={path ?? sample} label={label} labels={labels.get(sample)} colourOf={colourOf} />
          {other !== null && (
            <Shot
              sample={other.sample}
              path={other.path}
              label={null}
              labels={labels.get(other.sample)}
              colourOf={colourOf}
            />
          )}
        </div>
      )}
      <div className="checks-says">
        {score !== null && <span className="checks-score">{formatNumber(score)}</span>}
        <div>{path ?? sample ?? 'The dataset'}</div>
        {other !== null && <div>{other.path}</div>}
        <div className="hint">{what}</div>
      </div>
    </li>
  )
}
