import { useState } from 'react'
import { thumbUrl } from '../api/client.ts'
import { startJob, useJobs } from '../shell/changes.ts'
import { useCall } from '../shell/data.ts'
import { selectMany } from '../shell/selection.ts'
import { getView, setView, useView } from '../shell/view.ts'
import { writeId } from './sample-data.ts'

const noVectors = new Set(['SPACE_NOT_FOUND', 'QUERY_NEEDS_EMBEDDINGS', 'SPACE_STALE'])

/** The samples that look most like this one. */
export function SimilarList({ id, dataset, space }: { id: number; dataset: string; space: string | null }) {
  const { query } = useView()
  const [isWithin, setWithin] = useState(false)
  const jobs = useJobs()
  const isEmbedding = jobs.some(({ operation, endedAt }) => operation === 'spaces.embed' && endedAt === null)
  const { data, error, isPlaceholderData, isPending } = useCall('spaces.similar', {
    like: writeId(id),
    dataset,
    limit: 24,
    ...(space === null ? {} : { space }),
    ...(isWithin ? { query } : {}),
  })
  if (error !== null) {
    const isMissing = noVectors.has(error.code)
    return (
      <div className="sample-empty">
        <p>{error.message}</p>
        {error.hint !== undefined && <p className="hint">{error.hint}</p>}
        {isMissing && (
          <>
            <p className="hint">
              Likeness is measured between vectors that a network on this machine makes of the pictures. It takes a
              moment for thousands of samples; nothing leaves this machine.
            </p>
            <button type="button" disabled={isEmbedding} onClick={() => void startJob('spaces.embed', { dataset })}>
              {isEmbedding ? 'Embedding… (see Jobs)' : `Embed ${dataset}`}
            </button>
          </>
        )}
      </div>
    )
  }
  if (isPending) return <div className="sample-empty">Looking for what looks alike…</div>
  const found = data.neighbours.flatMap((one) => {
    const number = Number(/^s_(\d+)$/.exec(one.sample)?.[1])
    return Number.isFinite(number) && number !== id ? [{ ...one, number }] : []
  })
  return (
    <>
      <div className="sample-find">
        <span className="hint" title={`Space ${data.space}, ${data.index} search`}>
          {data.space}
          {data.index === 'approximate' && ' · approximate'}
        </span>
        <span className="spring" />
        {query !== '' && (
          <button type="button" aria-pressed={isWithin} onClick={() => setWithin(!isWithin)}>
            In the query
          </button>
        )}
        <button
          type="button"
          title="Select these and this sample, to tag or compare them in the grid"
          onClick={() => selectMany([id, ...found.map(({ number }) => number)], id)}
        >
          Select all
        </button>
        <button
          type="button"
          title="Show the whole dataset by likeness to this sample"
          onClick={() => setView({ query: `similar("${writeId(id)}") > 0.5`, tab: 'grid', sample: null })}
        >
          As query
        </button>
      </div>
      <div className={`sample-scroll${isPlaceholderData ? ' stale' : ''}`} tabIndex={-1}>
        {found.length === 0 ? (
          <div className="sample-empty">Nothing else is in this space{isWithin ? ' and in the query' : ''}.</div>
        ) : (
          <div className="sample-similar">
            {found.map(({ number, path, score, label }) => (
              <button
                key={`${number} ${label ?? ''}`}
                type="button"
                title={`${path}: cosine ${score.toFixed(4)}`}
                aria-label={`Open ${path}, likeness ${score.toFixed(2)}`}
                onClick={() => {
                  if (getView().sample !== number) setView({ sample: number })
                }}
              >
                <img src={thumbUrl(number)} alt="" loading="lazy" />
                <span>{score.toFixed(3)}</span>
              </button>
            ))}
          </div>
        )}
      </div>
    </>
  )
}
