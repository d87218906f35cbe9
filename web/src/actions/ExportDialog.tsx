import { useQuery } from '@tanstack/react-query'
import { useId, useState, type SubmitEvent } from 'react'
import { callLong, isApiError, type ApiError, type Input, type Output } from '../api/client.ts'
import { startJob } from '../shell/changes.ts'
import { useCall } from '../shell/data.ts'
import { selectionQuery, useSelection } from '../shell/selection.ts'
import { useView } from '../shell/view.ts'
import { Dialog } from './Dialog.tsx'
import { closeExport } from './export-state.ts'
import { JobRun } from './JobRun.tsx'
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
  const [isBusy, setBusy] = useState(false)
  const [job, setJob] = useState<string | null>(null)
  const id = useId()
  const first = workspace === undefined ? '' : `${workspace}/exports/${view.dataset}-${format}`
  const query = selectionQuery(view.query)
  const asked = { dataset: view.dataset ?? '', query: query ?? '', format, media, layer }
  const losses = useQuery<Output<'dataset.export'>, ApiError>({
    queryKey: ['dataset.export', { ...asked, given, first }],
    queryFn: ({ signal }) => findLosses(asked, given === null ? listFree(first) : [given], signal),
    enabled: query !== null && (given ?? first) !== '' && view.dataset !== null && job === null,
    staleTime: 0,
  })
  const to = given ?? (losses.isPlaceholderData ? undefined : losses.data?.to) ?? first
  const input: Input<'dataset.export'> = { ...asked, to }
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    const begun = await startJob('dataset.export', input)
    setBusy(false)
    if (begun !== undefined) setJob(begun.id)
  }
  const what =
    ids.size > 0
      ? `the ${ids.size.toLocaleString('en')} selected samples`
      : view.query.trim() === ''
        ? 'all samples'
        : 'all samples the query finds'
  if (job !== null)
    return (
      <Dialog label="Export" onClose={closeExport}>
        <h2>{`Export ${what} of ${view.dataset ?? ''}`}</h2>
        <JobRun id={job} onBack={() => setJob(null)} onClose={closeExport}>
          {(result) => <Written {...(result as Output<'dataset.export'>)} />}
        </JobRun>
      </Dialog>
    )
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
            disabled={isBusy || query === null || losses.error !== null || view.dataset === null}
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

/** A folder that nobody named and those to take when it is there already. */
const listFree = (first: string): string[] => [first, ...Array.from({ length: 98 }, (_, i) => `${first}-${i + 2}`)]

/** What would be lost by an export to the first of some folders that is free. */
async function findLosses(
  asked: Omit<Input<'dataset.export'>, 'to'>,
  [to, ...others]: readonly string[],
  signal: AbortSignal,
): Promise<Output<'dataset.export'>> {
  try {
    return await callLong('dataset.export', { ...asked, to: to!, dryRun: true }, signal)
  } catch (error) {
    if (isApiError(error) && error.code === 'TARGET_EXISTS' && others.length > 0)
      return findLosses(asked, others, signal)
    throw error
  }
}

const showSamples = (samples: number): string => `${samples.toLocaleString('en')} sample${samples === 1 ? '' : 's'}`

const countOf = ({ samples, labels }: Output<'dataset.export'>): string =>
  `${showSamples(samples)} and ${labels.toLocaleString('en')} label${labels === 1 ? '' : 's'}`

function Losses({ losses, samples }: Output<'dataset.export'>) {
  if (losses.length === 0)
    return <p className="hint">{`Nothing is lost: this format holds all of ${showSamples(samples)}.`}</p>
  return (
    <>
      <p className="problem">{`Of ${showSamples(samples)}, this format cannot hold everything:`}</p>
      <LossList losses={losses} />
    </>
  )
}

function LossList({ losses }: Pick<Output<'dataset.export'>, 'losses'>) {
  return (
    <ul className="actions-losses">
      {losses.map(({ code, what }) => (
        <li key={code}>{what}</li>
      ))}
    </ul>
  )
}

/** What an export wrote, and where. */
function Written(result: Output<'dataset.export'>) {
  const { to, files, losses } = result
  return (
    <>
      <div role="status" className="actions-found">
        <strong>{`Wrote ${countOf(result)} as ${files.toLocaleString('en')} file${files === 1 ? '' : 's'}`}</strong>
        <div className="mono actions-target">{to}</div>
      </div>
      {losses.length > 0 && (
        <div>
          <p className="hint">What the format could not hold:</p>
          <LossList losses={losses} />
        </div>
      )}
      <div className="actions-row actions-foot">
        <button type="button" className="actions-main" autoFocus onClick={closeExport}>
          Close
        </button>
      </div>
    </>
  )
}
