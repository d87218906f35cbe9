import { useState } from 'react'
import { thumbUrl } from '../api/client.ts'
import { useCall } from '../shell/data.ts'
import { quoteName, setView } from '../shell/view.ts'
import { Card, ImagesLink } from '../runs/parts.tsx'
import type { Evaluation } from './version.ts'

const shownAtFirst = 6
const picturesOfEach = 6

type Outcome = Evaluation['outcomes'][number]

/** What samples came to, each with a few of its pictures: the surest mistakes first. */
export function Outcomes({ evaluation }: { evaluation: Evaluation }) {
  const [isAll, setAll] = useState(false)
  const { outcomes, dataset, fields } = evaluation
  const surest = fields.find((name) => name.endsWith('_confidence'))
  const shown = isAll ? outcomes : outcomes.slice(0, shownAtFirst)
  if (outcomes.length === 0 && evaluation.labels === null) return null
  return (
    <Card title="Outcomes">
      <div className="models-outcomes">
        {shown.map((outcome) => (
          <OutcomeTile
            key={outcome.outcome}
            dataset={dataset}
            outcome={outcome}
            order={surest === undefined ? '' : ` order by ${quoteName(surest)} desc`}
          />
        ))}
      </div>
      {evaluation.labels !== null && <LabelOutcomes labels={evaluation.labels} dataset={dataset} />}
      {outcomes.length > shownAtFirst && (
        <button type="button" onClick={() => setAll(!isAll)} aria-expanded={isAll}>
          {isAll ? 'Show fewer' : `Show all ${outcomes.length} outcomes`}
        </button>
      )}
    </Card>
  )
}

const labelWords = {
  tp: 'right (TP)',
  confused: 'taken for another class',
  fp: 'where nothing is (FP)',
  fn: 'missed (FN)',
} as const

/** What labels came to, one by one; each leads to the images that have such a label. */
function LabelOutcomes({ labels, dataset }: { labels: NonNullable<Evaluation['labels']>; dataset: string }) {
  return (
    <p>
      Labels:{' '}
      {labels.outcomes
        .filter((one) => one.labels > 0)
        .map(({ outcome, labels: count, query }, i) => (
          <span key={outcome}>
            {i > 0 && ', '}
            <ImagesLink dataset={dataset} query={query}>
              {count.toLocaleString('en')} {labelWords[outcome]}
            </ImagesLink>
          </span>
        ))}
    </p>
  )
}

function OutcomeTile({ dataset, outcome, order }: { dataset: string; outcome: Outcome; order: string }) {
  const query = outcome.query === null ? null : `${outcome.query}${order}`
  const { data } = useCall(
    'query.run',
    { dataset, query: query ?? '', limit: picturesOfEach, fields: [] },
    { enabled: query !== null },
  )
  return (
    <section className={outcome.outcome === 'right' ? 'models-outcome right' : 'models-outcome'}>
      <h3>
        {query === null ? (
          outcome.outcome
        ) : (
          <ImagesLink dataset={dataset} query={query}>
            {outcome.outcome}
          </ImagesLink>
        )}{' '}
        <span className="hint">{outcome.samples.toLocaleString('en')}</span>
      </h3>
      {data !== undefined && data.total !== outcome.samples && (
        <p className="hint">
          {data.total.toLocaleString('en')} now: another evaluation has written the field since. Evaluate again.
        </p>
      )}
      <div className="models-thumbs">
        {query !== null &&
          data?.rows.map(({ id, path }) => {
            const sample = Number(id.slice(2))
            return (
              <button
                key={id}
                type="button"
                aria-label={`Open ${path}`}
                title={path}
                onClick={() => setView({ dataset, query, sample })}
              >
                <img src={thumbUrl(sample)} alt="" loading="lazy" />
              </button>
            )
          })}
      </div>
    </section>
  )
}
