import { useQuery } from '@tanstack/react-query'
import { useId, useState, type SubmitEvent } from 'react'
import { callLong, type ApiError, type Input, type Output } from '../api/client.ts'
import { startJob } from '../shell/changes.ts'
import { useCall } from '../shell/data.ts'
import { selectionQuery, useSelection } from '../shell/selection.ts'
import { useView } from '../shell/view.ts'
import { Dialog } from './Dialog.tsx'
import { closeExport } from './export-state.ts'
import { openJobs } from './jobs-state.ts'
import { Problem } from './Problem.tsx'
import { tooManyForQuery } from './selection-changes.ts'

type Format = Input<'dataset.export'>['format']
type Media = NonNullable<Input<'dataset.export'>['media']>

const formats: Record<Format, string> = {
  coco: 'COCO (JSON)',
  yolo: 'YOLO (text files)',
  voc: 'Pascal VOC (XML)',
  masks: 'mask pictures',
  folder: 'class folders',
  csv: 'CSV table',
  jsonl: 'JSON lines',
  parquet: 'Parquet table',
}
const medias: Record<Media, string> = {
  copy: 'copy them',
  link: 'link to them',
  none: 'leave them out: labels only',
}

/** Writes what is selected, or what the query finds, in another format; says first what that format cannot hold. */
export function ExportDialog() {
  const view = useView()
  const { ids } = useSelection()
  const workspace = useCall('workspace.info', {}).data?.path
  const layers = useCall('dataset.show', view.dataset === null ? {} : { dataset: view.dataset }).data?.layers ?? []
  const [format, setFormat] = useState<Format>('coco')
  const [media, setMedia] = useState<Media>('copy')
  const [layer, setLayer] = useState('truth')
  const [given, setGiven] = useState<string | null>(null)
  const id = useId()
  const to = given ?? (workspace === undefined ? '' : `${workspace}/exports/${view.dataset}-${format}`)
  const query = selectionQuery(view.query)
  const input: Input<'dataset.export'> = { dataset: view.dataset ?? '', query: query ?? '', format, media, layer, to }
  const losses = useQuery<Output<'dataset.export'>, ApiError>({
    queryKey: ['dataset.export', { ...input, dryRun: true }],
    queryFn: ({ signal }) => callLong('dataset.export', { ...input, dryRun: true }, signal),
    enabled: query !== null && to !== '' && view.dataset !== null,
    staleTime: 0,
  })
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if ((await startJob('dataset.export', input)) === undefined) return
    openJobs()
    closeExport()
  }
  const what =
    ids.size > 0
      ? `the ${ids.size.toLocaleString('en')} selected samples`
      : view.query.trim() === ''
        ? 'all samples'
        : 'all samples the query finds'
  return (
    <Dialog label="Export" onClose={closeExport}>
      <form className="actions-form" onSubmit={(event) => void submit(event)}>
        <h2>{`Export ${what} of ${view.dataset ?? ''}`}</h2>
        <div className="actions-field">
          <label htmlFor={`${id}-format`}>Format</label>
          <select
            id={`${id}-format`}
            autoFocus
            value={format}
            onChange={(event) => setFormat(event.target.value as Format)}
          >
            {Object.entries(formats).map(([name, title]) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
          <label htmlFor={`${id}-layer`}>Layer</label>
          <select id={`${id}-layer`} value={layer} onChange={(event) => setLayer(event.target.value)}>
            {[...new Set(['truth', ...layers.map(({ name }) => name)])].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <label htmlFor={`${id}-media`}>Pictures</label>
          <select id={`${id}-media`} value={media} onChange={(event) => setMedia(event.target.value as Media)}>
            {Object.entries(medias).map(([name, title]) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
          <label htmlFor={`${id}-to`}>Folder</label>
          <input
            id={`${id}-to`}
            className="mono"
            required
            value={to}
            onChange={(event) => setGiven(event.target.value)}
          />
          <span className="hint">on the server’s machine; it must not exist, or be empty</span>
        </div>
        <section aria-label="What is lost" aria-live="polite" aria-busy={losses.isFetching}>
          {query === null ? (
            <Problem error={tooManyForQuery} />
          ) : losses.error !== null ? (
            <Problem error={losses.error} />
          ) : losses.data === undefined || losses.isPlaceholderData ? (
            <p className="hint">Looking what this format can hold…</p>
          ) : (
            <Losses {...losses.data} />
          )}
        </section>
        <div className="actions-row actions-foot">
          <button
            type="submit"
            className="actions-main"
            disabled={query === null || losses.error !== null || view.dataset === null}
          >
            Export
          </button>
          <button type="button" onClick={closeExport}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function Losses({ losses, samples, labels }: Output<'dataset.export'>) {
  const what = `${samples.toLocaleString('en')} samples and ${labels.toLocaleString('en')} labels`
  if (losses.length === 0) return <p className="hint">{`Nothing is lost: ${what} fit into this format whole.`}</p>
  return (
    <>
      <p className="problem">{`Of ${what}, this format cannot hold everything:`}</p>
      <ul className="actions-losses">
        {losses.map(({ code, count, what: lost }) => (
          <li key={code}>
            <strong>{count.toLocaleString('en')}</strong> {lost}
          </li>
        ))}
      </ul>
    </>
  )
}
