import { useEffect, useRef, useState } from 'react'
import { Badge, Facts } from '../runs/parts.tsx'
import { showFigure } from '../runs/words.ts'
import { drawAnswer, type Answer, type Asked } from './answer.ts'

type ColourOf = (name: string, index: number) => string

/** The picture with what was found in it, beside classes, values and the answer as it came. */
export function AnswerView({
  picture,
  name,
  result: { answer, raw },
  colourOf,
}: {
  picture: Blob
  name: string
  result: Asked
  colourOf: ColourOf
}) {
  const [opacity, setOpacity] = useState(0.5)
  const { classes, values, mask, boxes, anomaly } = answer
  const hasPixels = mask !== undefined || anomaly?.mask !== undefined
  return (
    <div className="endpoints-answer">
      <div>
        <Board picture={picture} name={name} answer={answer} opacity={opacity} colourOf={colourOf} />
        {hasPixels && (
          <label className="runs-check">
            Mask{' '}
            <input
              type="range"
              min={0}
              max={1}
              step={0.05}
              value={opacity}
              onChange={(event) => setOpacity(Number(event.target.value))}
            />
          </label>
        )}
      </div>
      <div className="endpoints-said">
        {anomaly?.map !== undefined && (
          <figure className="endpoints-heat">
            <img src={`data:image/png;base64,${anomaly.map.png}`} alt={`Heat map of ${name}`} />
            <figcaption className="hint">
              Heat map: from grey {anomaly.map.thresholdGrey} of 255 on it is anomalous.
            </figcaption>
          </figure>
        )}
        {anomaly !== undefined && (
          <p>
            <Badge kind={anomaly.anomalous ? 'bad' : 'good'}>
              {anomaly.anomalous ? 'anomalous' : 'as it should be'}
            </Badge>{' '}
            score {showFigure(anomaly.score)}, threshold {showFigure(anomaly.threshold)}
          </p>
        )}
        {classes !== undefined && <Bars rows={classes} colourOf={colourOf} />}
        {values !== undefined && (
          <Facts rows={Object.entries(values).map(([key, value]) => [key, <b key={key}>{showFigure(value)}</b>])} />
        )}
        {mask !== undefined && (
          <Facts
            rows={mask.classes
              .filter(({ pixels }) => pixels > 0)
              .map(({ class: one, score, pixels }) => [
                one,
                `${((pixels / (mask.size[0] * mask.size[1])) * 100).toFixed(2)} % of the pixels, score ${showFigure(score)}`,
              ])}
          />
        )}
        {mask?.classes.every(({ pixels }) => pixels === 0) === true && <p className="hint">No pixel is of a class.</p>}
        {boxes !== undefined && (
          <p className="hint">{boxes.length === 0 ? 'Nothing was found.' : `${boxes.length} boxes`}</p>
        )}
        {boxes !== undefined && boxes.length > 0 && <Bars rows={boxes.slice(0, 20)} colourOf={colourOf} />}
        <Facts
          rows={Object.entries(answer.timing).map(([key, value]) => [
            key.replace(/Ms$/, ''),
            key.endsWith('Ms') ? `${showFigure(value)} ms` : showFigure(value),
          ])}
        />
        <details>
          <summary>The answer as it came</summary>
          <pre className="models-card" tabIndex={0} aria-label="Answer as JSON">
            {JSON.stringify(raw, shorten, 2)}
          </pre>
        </details>
      </div>
    </div>
  )
}

/** Pictures within an answer are shown, not read. */
const shorten = (key: string, value: unknown): unknown =>
  key === 'png' && typeof value === 'string' ? `${value.slice(0, 24)}…` : value

function Bars({ rows, colourOf }: { rows: readonly { class: string; score: number }[]; colourOf: ColourOf }) {
  return (
    <ol className="endpoints-bars" aria-label="Classes, the best first">
      {rows.map(({ class: name, score }, i) => (
        <li key={i}>
          <span className="endpoints-class">{name}</span>
          <span className="endpoints-bar">
            <span style={{ width: `${Math.min(100, Math.max(0, score * 100))}%`, background: colourOf(name, i) }} />
          </span>
          <b>{score.toFixed(3)}</b>
        </li>
      ))}
    </ol>
  )
}

const most = { width: 640, height: 420 }

function Board({
  picture,
  name,
  answer,
  opacity,
  colourOf,
}: {
  picture: Blob
  name: string
  answer: Answer
  opacity: number
  colourOf: ColourOf
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [bitmap, setBitmap] = useState<{ of: Blob; image: ImageBitmap | null } | null>(null)
  useEffect(() => {
    let isGone = false
    createImageBitmap(picture).then(
      (image) => (isGone ? image.close() : setBitmap({ of: picture, image })),
      () => isGone || setBitmap({ of: picture, image: null }),
    )
    return () => {
      isGone = true
    }
  }, [picture])
  const { width, height } = answer
  const fit = Math.min(most.width / width, most.height / height)
  const shown = { width: Math.max(1, Math.round(width * fit)), height: Math.max(1, Math.round(height * fit)) }
  useEffect(() => {
    const board = canvas.current
    const context = board?.getContext('2d')
    if (board === null || context == null) return
    board.width = Math.round(shown.width * devicePixelRatio)
    board.height = Math.round(shown.height * devicePixelRatio)
    context.clearRect(0, 0, board.width, board.height)
    if (bitmap?.of === picture && bitmap.image !== null)
      context.drawImage(bitmap.image, 0, 0, board.width, board.height)
    drawAnswer(context, answer, board.width / width, { opacity, colourOf })
  }, [bitmap, picture, answer, opacity, colourOf, width, shown.width, shown.height])
  const marks = [
    ...(answer.boxes === undefined ? [] : [`${answer.boxes.length} boxes`]),
    ...(answer.mask === undefined && answer.anomaly?.mask === undefined ? [] : ['a mask']),
  ]
  return (
    <>
      <canvas
        ref={canvas}
        className="endpoints-board"
        style={shown}
        role="img"
        aria-label={marks.length === 0 ? name : `${name} with ${marks.join(' and ')}`}
      />
      {bitmap?.of === picture && bitmap.image === null && (
        <p className="hint">This browser cannot show a picture of this kind; what was found is drawn alone.</p>
      )}
    </>
  )
}
