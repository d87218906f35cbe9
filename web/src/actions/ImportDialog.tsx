import { useEffect, useId, useRef, useState, type SubmitEvent } from 'react'
import { call, isApiError, type ApiError, type Input, type Output } from '../api/client.ts'
import { startJob } from '../shell/changes.ts'
import { useCall } from '../shell/data.ts'
import { getView } from '../shell/view.ts'
import { listFiles, nameOf } from './chosen.ts'
import { Dialog } from './Dialog.tsx'
import { closeImport } from './import-state.ts'
import { openJobs } from './jobs-state.ts'
import { Problem } from './Problem.tsx'
import { describeBytes } from './progress.ts'
import { uploadAll, type Chosen, type UploadProgress } from './upload.ts'

type Inspection = Output<'dataset.inspect'>

/** Takes a folder on the server's machine, or files of this one; says what they are before anything is imported. */
export function ImportDialog({ dropped }: { dropped: readonly Chosen[] }) {
  const [path, setPath] = useState('')
  const [dataset, setDataset] = useState('')
  const [seen, setSeen] = useState<{ path: string; inspection: Inspection } | null>(null)
  const [sending, setSending] = useState<UploadProgress | null>(null)
  const [problem, setProblem] = useState<ApiError | null>(null)
  const stop = useRef(new AbortController())
  const id = useId()
  const workspace = useCall('workspace.info', {}).data?.path

  const inspect = async (given: string): Promise<void> => {
    setProblem(null)
    setSeen(null)
    try {
      setSeen({ path: given, inspection: await call('dataset.inspect', { path: given }) })
    } catch (error) {
      setProblem(asError(error))
    }
  }
  const send = async (files: readonly Chosen[]): Promise<void> => {
    setProblem(null)
    setSeen(null)
    if (files.length === 0)
      return setProblem({ code: 'INPUT_INVALID', message: 'There is no file in what was chosen.' })
    setDataset(nameOf(files.map((chosen) => chosen.path)))
    const { signal } = stop.current
    try {
      const folder = await uploadAll(files, setSending, signal)
      // A single file, as an archive or a manifest, is imported itself.
      const target = files.length === 1 ? `${folder}/${files[0]!.path}` : folder
      setPath(target)
      setSending(null)
      await inspect(target)
    } catch (error) {
      setSending(null)
      if (!signal.aborted) setProblem(asError(error))
    }
  }
  useEffect(() => {
    stop.current = new AbortController()
    if (dropped.length > 0) void send(dropped)
    return () => stop.current.abort()
    // Only what was dropped begins anew.
  }, [dropped])

  const look = (event: SubmitEvent): void => {
    event.preventDefault()
    setDataset(
      nameOf([
        path
          .replace(/[\\/]+$/, '')
          .split(/[\\/]/)
          .at(-1) ?? '',
      ]),
    )
    void inspect(path)
  }
  return (
    <Dialog label="Import" onClose={closeImport}>
      <h2>Import</h2>
      {sending === null ? (
        <>
          <form className="actions-row" onSubmit={look}>
            <label htmlFor={id}>Folder or file on the server’s machine</label>
            <input
              id={id}
              className="actions-path mono"
              autoFocus
              required
              placeholder={workspace === undefined ? '/data/pictures' : `${workspace}/pictures`}
              value={path}
              onChange={(event) => setPath(event.target.value)}
            />
            <button type="submit">Look at it</button>
          </form>
          <div className="actions-row">
            <span className="hint">or drop files and folders onto the page, or send</span>
            <FileButton label="a folder…" isFolder onFiles={(files) => void send(files)} />
            <FileButton label="files…" onFiles={(files) => void send(files)} />
          </div>
        </>
      ) : (
        <Sending progress={sending} onCancel={closeImport} />
      )}
      <Problem error={problem} />
      {seen !== null && <ImportForm key={seen.path} {...seen} named={dataset} />}
      <div className="actions-row actions-foot">
        <button type="button" onClick={closeImport}>
          Close
        </button>
      </div>
    </Dialog>
  )
}

const asError = (error: unknown): ApiError =>
  isApiError(error) ? error : { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) }

function Sending({ progress, onCancel }: { progress: UploadProgress; onCancel: () => void }) {
  const { doneBytes, bytes, doneFiles, files } = progress
  return (
    <div>
      <progress
        className="actions-wide"
        aria-label="Sending files"
        value={bytes === 0 ? 1 : doneBytes / bytes}
        max={1}
      />
      <div className="actions-row">
        <span className="hint">
          {`${doneFiles.toLocaleString('en')} of ${files.toLocaleString('en')} files, ${describeBytes(doneBytes)} of ${describeBytes(bytes)}`}
        </span>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </div>
  )
}

function FileButton({
  label,
  isFolder = false,
  onFiles,
}: {
  label: string
  isFolder?: boolean
  onFiles: (files: Chosen[]) => void
}) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        {...(isFolder ? { webkitdirectory: '' } : {})}
        onChange={(event) => {
          const { files } = event.currentTarget
          if (files !== null && files.length > 0) onFiles(listFiles(files))
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}

/** What was recognised, and how it is to be taken. */
function ImportForm({ path, inspection, named }: { path: string; inspection: Inspection; named: string }) {
  const { detected, candidates, files } = inspection
  const [dataset, setDataset] = useState(named)
  const [format, setFormat] = useState<NonNullable<Input<'dataset.import'>['format']>>('auto')
  const [layer, setLayer] = useState('truth')
  const [split, setSplit] = useState('')
  const [isCopied, setCopied] = useState(false)
  const id = useId()
  const known = useCall('dataset.list', {}).data?.datasets ?? []
  const isKnown = known.some(({ name }) => name === dataset)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const input = {
      path,
      dataset,
      format,
      layer,
      copy: isCopied,
      ...(split.trim() === '' ? {} : { split: split.trim() }),
    }
    if ((await startJob('dataset.import', input)) === undefined) return
    openJobs()
    closeImport()
  }
  return (
    <form className="actions-form" onSubmit={(event) => void submit(event)}>
      <div role="status">
        <strong>{`${detected.format}: ${detected.layout}`}</strong>
        <div className="hint">{`${detected.evidence} · ${files.toLocaleString('en')} files`}</div>
      </div>
      <div className="actions-field">
        <label htmlFor={`${id}-dataset`}>Dataset</label>
        <input
          id={`${id}-dataset`}
          list={`${id}-known`}
          autoFocus
          required
          value={dataset}
          onChange={(event) => setDataset(event.target.value)}
        />
        <datalist id={`${id}-known`}>
          {known.map(({ name }) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <span className="hint">
          {isKnown ? 'It is there already: what is new or changed is added.' : 'It will be made.'}
        </span>
        <label htmlFor={`${id}-format`}>Format</label>
        <select id={`${id}-format`} value={format} onChange={(event) => setFormat(event.target.value as typeof format)}>
          <option value="auto">{`as recognised (${detected.format})`}</option>
          {candidates
            .filter((one) => one.format !== detected.format)
            .map((one) => (
              <option key={one.format} value={one.format}>
                {`${one.format}: ${one.layout}`}
              </option>
            ))}
        </select>
        <label htmlFor={`${id}-layer`}>Layer</label>
        <input id={`${id}-layer`} required value={layer} onChange={(event) => setLayer(event.target.value)} />
        <span className="hint">truth for annotations; another name for predictions, so that both can be compared</span>
        <label htmlFor={`${id}-split`}>Split</label>
        <input
          id={`${id}-split`}
          placeholder="as the files say"
          value={split}
          onChange={(event) => setSplit(event.target.value)}
        />
      </div>
      <label className="actions-check">
        <input type="checkbox" checked={isCopied} onChange={(event) => setCopied(event.target.checked)} />
        Copy the files into the workspace instead of referring to them
      </label>
      <div className="actions-row">
        <button type="submit" className="actions-main">
          Import {dataset === getView().dataset ? 'into this dataset' : ''}
        </button>
      </div>
    </form>
  )
}
