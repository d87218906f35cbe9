import { useEffect, useRef, useState } from 'react'
import { isApiError, mediaUrl, thumbUrl, type ApiError } from '../api/client.ts'
import { Problem } from '../actions/Problem.tsx'
import { notify } from '../shell/notices.ts'
import { useCall, queryClient } from '../shell/data.ts'
import { useView } from '../shell/view.ts'
import { Card } from '../runs/parts.tsx'
import { askEndpoint, classColour, hasThreshold, ranksClasses, writeCurl, type Asked } from './answer.ts'
import { AnswerView } from './AnswerView.tsx'
import type { Endpoint } from './endpoint.ts'

interface Picture {
  name: string
  bytes: Blob
}

/** Sends a picture to an endpoint as any client would, and shows what it answers. */
export function Playground({ endpoint }: { endpoint: Endpoint }) {
  const { name, keys, serving } = endpoint
  const [picture, setPicture] = useState<Picture | null>(null)
  const [asked, setAsked] = useState<{ of: Picture; result: Asked } | null>(null)
  const [problem, setProblem] = useState<ApiError | null>(null)
  const [isBusy, setBusy] = useState(false)
  const [isOver, setOver] = useState(false)
  const [key, setKey] = useState('')
  const [top, setTop] = useState(5)
  const [threshold, setThreshold] = useState('')
  const latest = useRef<AbortController>(null)
  useEffect(() => () => latest.current?.abort(), [])
  const task = serving.find(({ role }) => role === 'primary')?.task ?? ''
  const question = { endpoint: name, task, key: key.trim(), top, threshold: threshold.trim() }

  const ask = async (of: Picture): Promise<void> => {
    latest.current?.abort()
    const controller = new AbortController()
    latest.current = controller
    setPicture(of)
    setBusy(true)
    setProblem(null)
    try {
      const result = await askEndpoint(question, of.bytes, controller.signal)
      setAsked({ of, result })
      void queryClient.invalidateQueries({ queryKey: ['serving.stats', { name }] })
    } catch (error) {
      if (controller.signal.aborted) return
      setAsked(null)
      setProblem(isApiError(error) ? error : { code: 'INTERNAL', message: String(error) })
    } finally {
      if (latest.current === controller) setBusy(false)
    }
  }
  const askFile = (file: File | undefined): void => {
    if (file !== undefined) void ask({ name: file.name, bytes: file })
  }
  const askSample = async (id: number, path: string): Promise<void> => {
    try {
      const answer = await fetch(mediaUrl(id))
      if (!answer.ok) throw new Error(`The picture cannot be read (${answer.status}).`)
      await ask({ name: path.split('/').at(-1) ?? path, bytes: await answer.blob() })
    } catch (error) {
      setProblem({ code: 'MEDIA_UNREADABLE', message: error instanceof Error ? error.message : String(error) })
    }
  }
  const file = picture?.name ?? 'picture.jpg'
  const hasPixels = asked?.result.answer.mask !== undefined || asked?.result.answer.anomaly !== undefined
  const lines = [
    writeCurl(question, file, location.origin, { hasKey: keys.length > 0 }),
    ...(hasPixels ? [writeCurl(question, file, location.origin, { hasKey: keys.length > 0, asPng: true })] : []),
  ]
  return (
    <Card
      title="Try it"
      aside={
        asked !== null && (
          <span className="hint">
            answered in {Math.round(asked.result.tookMs)} ms by {asked.result.answer.model}:
            {asked.result.answer.version}
            {asked.result.answer.role !== 'primary' && ` (${asked.result.answer.role})`}
          </span>
        )
      }
    >
      <div className="endpoints-ask">
        <div
          className={isOver ? 'endpoints-drop over' : 'endpoints-drop'}
          onDragOver={(event) => {
            event.preventDefault()
            event.stopPropagation()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault()
            event.stopPropagation()
            setOver(false)
            askFile(event.dataTransfer.files[0])
          }}
        >
          <label>
            Drop a picture here, or choose one:{' '}
            <input
              type="file"
              accept="image/*"
              onChange={(event) => {
                askFile(event.target.files?.[0])
                event.target.value = ''
              }}
            />
          </label>
          <SamplePicks onPick={(id, path) => void askSample(id, path)} />
        </div>
        <div className="endpoints-options">
          {keys.length > 0 && (
            <label>
              Key{' '}
              <input
                type="password"
                autoComplete="off"
                value={key}
                onChange={(event) => setKey(event.target.value)}
                placeholder="kept in this page only"
              />
            </label>
          )}
          {ranksClasses(task) && (
            <label>
              Classes at most{' '}
              <input
                type="number"
                min={1}
                max={1_000}
                value={top}
                onChange={(event) => setTop(Math.max(1, Math.round(Number(event.target.value))))}
              />
            </label>
          )}
          {hasThreshold(task) && (
            <label>
              Threshold{' '}
              <input
                type="number"
                step="any"
                placeholder="usual"
                value={threshold}
                onChange={(event) => setThreshold(event.target.value)}
              />
            </label>
          )}
          <button
            type="button"
            disabled={picture === null || isBusy}
            onClick={() => picture !== null && void ask(picture)}
          >
            {isBusy ? 'Asking…' : 'Ask again'}
          </button>
        </div>
      </div>
      <Problem error={problem} />
      {asked !== null && (
        <AnswerView
          picture={asked.of.bytes}
          name={asked.of.name}
          result={asked.result}
          colourOf={classColour(serving[0]?.classes ?? [])}
        />
      )}
      <div className="endpoints-curl">
        {lines.map((line) => (
          <div key={line}>
            <code>{line}</code>
            <button type="button" onClick={() => void navigator.clipboard.writeText(line).then(() => notify('Copied'))}>
              Copy
            </button>
          </div>
        ))}
      </div>
    </Card>
  )
}

const picks = 8

/** A few pictures of what the page shows in the grid. */
function SamplePicks({ onPick }: { onPick: (id: number, path: string) => void }) {
  const { dataset, query } = useView()
  const { data } = useCall(
    'query.run',
    { dataset: dataset ?? '', query, limit: picks, fields: [] },
    { enabled: dataset !== null },
  )
  if (data === undefined || data.rows.length === 0) return null
  return (
    <div className="models-thumbs" role="group" aria-label={`Pictures of ${dataset}`}>
      {data.rows.map(({ id, path }) => (
        <button
          key={id}
          type="button"
          aria-label={`Send ${path}`}
          title={path}
          onClick={() => onPick(Number(id.slice(2)), path)}
        >
          <img src={thumbUrl(Number(id.slice(2)))} alt="" loading="lazy" />
        </button>
      ))}
    </div>
  )
}
