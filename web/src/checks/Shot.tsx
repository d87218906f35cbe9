import { useEffect, useRef, useState } from 'react'
import { thumbUrl, type Output } from '../api/client.ts'
import { drawLabels } from '../labels/draw.ts'
import { setView } from '../shell/view.ts'
import { numberOf } from './report-data.ts'

export type SampleLabels = Output<'sample.labels'>['samples'][number]

const shown = { width: 220, height: 150 }

/** A small picture with its labels; a click opens the sample. `label`: the one that a finding is about. */
export function Shot(props: {
  sample: string
  path: string
  label: string | null
  labels: SampleLabels | undefined
  colourOf: (name: string | null) => string
}) {
  const { sample, path, label, labels, colourOf } = props
  const [isGone, setGone] = useState(false)
  const [own, setOwn] = useState<{ width: number; height: number } | null>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const size = labels ?? own
  const height = size === null ? shown.height : Math.min(shown.height, (shown.width * size.height) / size.width)
  const width = size === null ? undefined : Math.max(1, (height * size.width) / size.height)

  useEffect(() => {
    const board = canvas.current
    if (board === null || labels === undefined || width === undefined) return
    const ratio = devicePixelRatio
    board.width = Math.round(width * ratio)
    board.height = Math.round(height * ratio)
    const context = board.getContext('2d')
    if (context === null) return
    drawLabels(
      context,
      labels.layers,
      { scale: board.width / labels.width, x: 0, y: 0 },
      {
        layers: null,
        opacity: 0.3,
        minScore: 0,
        colourOf,
        lineWidth: 1.5 * ratio,
        stressed: label === null ? null : new Set([label]),
      },
    )
  }, [labels, label, colourOf, width, height])

  return (
    <button
      type="button"
      className="checks-shot"
      aria-label={`Open ${path}`}
      title={path}
      onClick={() => setView({ sample: numberOf(sample) })}
    >
      {isGone ? (
        <span className="hint">The picture of {sample} is not there any more.</span>
      ) : (
        <span className="checks-picture" style={{ width, height }}>
          <img
            src={thumbUrl(numberOf(sample))}
            alt=""
            loading="lazy"
            onError={() => setGone(true)}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setOwn({ width: naturalWidth, height: naturalHeight })
            }
          />
          <canvas ref={canvas} />
        </span>
      )}
    </button>
  )
}
