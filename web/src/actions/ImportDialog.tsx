import { useEffect, useId, useRef, useState, type SubmitEvent } from 'react'
import { call, isApiError, type ApiError, type Output } from '../api/client.ts'
import { useCall } from '../shell/data.ts'
import { nameOf, targetOf } from './chosen.ts'
import { Dialog } from './Dialog.tsx'
import { FileButton } from './FileButton.tsx'
import { ImportForm } from './ImportForm.tsx'
import { ImportResult } from './ImportResult.tsx'
import { closeImport, type Dropped } from './import-state.ts'
import { JobRun } from './JobRun.tsx'
import { Problem } from './Problem.tsx'
import { describeBytes } from './progress.ts'
import { removeUpload, uploadAll, type Upload, type UploadProgress } from './upload.ts'

/** What was looked at, and the name a dataset of it may have. */
interface Seen {
  path: string
  dataset: string
  /** Null for what lies on the server's machine by itself. */
  upload: Upload | null
  inspection: Output<'dataset.inspect'>
}

/** Where the dialog stands beyond its form: looking for files, sending them, or having them looked at. */
type Busy = { kind: 'reading' } | { kind: 'sending'; progress: UploadProgress } | { kind: 'looking' }

const empty: ApiError = {
  code: 'INPUT_INVALID',
  message: 'There is no file in what was chosen.',
  hint: 'Choose files, or a folder with files in it; hidden ones are left out.',
}
const unreadable: ApiError = {
  code: 'SOURCE_UNREADABLE',
  message: 'The browser could not read what was dropped.',
  hint: 'See whether it is still there and may be read, or give its path on the server’s machine.',
}

/** Takes a folder on the server's machine, or files of this one; says what they are before anything is imported. */
export function ImportDialog({ dropped }: { dropped: Dropped | null }) {
  const [path, setPath] = useState('')
  const [busy, setBusy] = useState<Busy | null>(null)
  const [seen, setSeen] = useState<Seen | null>(null)
  const [problem, setProblem] = useState<ApiError | null>(null)
  const [job, setJob] = useState<string | null>(null)
  // What is on the server and not yet imported, and what stops the sending of more.
  const held = useRef<Upload | null>(null)
  const stop = useRef(new AbortController())

  const letGo = (): void => {
    stop.current.abort()
    stop.current = new AbortController()
    if (held.current !== null) removeUpload(held.current.name)
    held.current = null
    setSeen(null)
    setProblem(null)
    setBusy(null)
    setJob(null)
  }
  const look = async (given: Omit<Seen, 'inspection'>, { signal }: AbortController): Promise<void> => {
    setBusy({ kind: 'looking' })
    const inspection = await call('dataset.inspect', { path: given.path }, signal)
    setBusy(null)
    setSeen({ ...given, inspection })
  }
  /** One thing at a time: what was begun before is given up. */
  const begin = async (work: (own: AbortController) => Promise<void>): Promise<void> => {
    letGo()
    const own = stop.current
    try {
      await work(own)
    } catch (error) {
      if (own.signal.aborted) return
      setBusy(null)
      setProblem(asError(error))
    }
  }
  const send = (given: Dropped): Promise<void> =>
    begin(async (own) => {
      setBusy({ kind: 'reading' })
      const files = await given.catch(() => unreadable)
      own.signal.throwIfAborted()
      if ('code' in files || files.length === 0) {
        setBusy(null)
        return setProblem('code' in files ? files : empty)
      }
      const upload = await uploadAll(files, (progress) => setBusy({ kind: 'sending', progress }), own.signal)
      held.current = upload
      const paths = files.map((chosen) => chosen.path)
      const target = targetOf(paths)
      const whole = target === '' ? upload.folder : `${upload.folder}/${target}`
      await look({ path: whole, dataset: nameOf(paths), upload }, own)
    })

  useEffect(() => {
    const timer = dropped === null ? undefined : setTimeout(() => void send(dropped))
    addEventListener('pagehide', letGo)
    return () => {
      clearTimeout(timer)
      removeEventListener('pagehide', letGo)
      letGo()
    }
    // Only what was dropped begins anew.
  }, [dropped])

  const lookAtPath = (event: SubmitEvent): void => {
    event.preventDefault()
    const last = path.replace(/[\\/]+$/, '').split(/[\\/]/)
    void begin((own) => look({ path, dataset: nameOf([last.at(-1) ?? '']), upload: null }, own))
  }
  return (
    <Dialog label="Import" onClose={closeImport}>
      <h2>Import</h2>
      {job !== null && seen !== null ? (
        <JobRun
          id={job}
          onBack={() => {
            held.current = seen.upload
            setJob(null)
          }}
          onClose={closeImport}
        >
          {(result) => (
            <ImportResult result={result as Output<'dataset.import'>} source={seen.path} onClose={closeImport} />
          )}
        </JobRun>
      ) : (
        <>
          {busy === null ? (
            <Sources path={path} onPath={setPath} onLook={lookAtPath} onFiles={(files) => void send(files)} />
          ) : (
            <BusyBar busy={busy} onCancel={letGo} />
          )}
          <Problem error={problem} />
          {seen === null && busy === null && (
            <div className="actions-row actions-foot">
              <button type="button" onClick={closeImport}>
                Close
              </button>
            </div>
          )}
          {seen !== null && (
            <ImportForm
              key={seen.path}
              path={seen.path}
              dataset={seen.dataset}
              isUpload={seen.upload !== null}
              inspection={seen.inspection}
              onClose={closeImport}
              onStarted={(id) => {
                // From now on the job sees to it.
                held.current = null
                setJob(id)
              }}
            />
          )}
        </>
      )}
    </Dialog>
  )
}

const asError = (error: unknown): ApiError =>
  isApiError(error) ? error : { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) }

interface SourcesProps {
  path: string
  onPath: (path: string) => void
  onLook: (event: SubmitEvent) => void
  onFiles: (files: Dropped) => void
}

function Sources({ path, onPath, onLook, onFiles }: SourcesProps) {
  const workspace = useCall('workspace.info', {}).data?.path
  const id = useId()
  return (
    <>
      <form className="actions-source" onSubmit={onLook}>
        <label htmlFor={id}>Folder or file on the server’s machine</label>
        <div className="actions-row">
          <input
            id={id}
            className="actions-path mono"
            autoFocus
            required
            placeholder={workspace === undefined ? '/data/pictures' : `${workspace}/pictures`}
            value={path}
            onChange={(event) => onPath(event.target.value)}
          />
          <button type="submit">Look at it</button>
        </div>
      </form>
      <div className="actions-row actions-send">
        <span>Or drop files and folders onto the page, or send</span>
        <FileButton label="a folder…" isFolder onFiles={onFiles} />
        <FileButton label="files…" onFiles={onFiles} />
      </div>
    </>
  )
}

function BusyBar({ busy, onCancel }: { busy: Busy; onCancel: () => void }) {
  const share =
    busy.kind !== 'sending' ? undefined : busy.progress.bytes === 0 ? 1 : busy.progress.doneBytes / busy.progress.bytes
  const label =
    busy.kind === 'sending' ? 'Sending files' : busy.kind === 'reading' ? 'Looking for files' : 'Looking at it'
  return (
    <div>
      <progress className="actions-wide" aria-label={label} value={share} max={1} />
      <div className="actions-row actions-between">
        <span className="hint">{busy.kind === 'sending' ? describeSending(busy.progress) : `${label}…`}</span>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </div>
  )
}

const describeSending = ({ doneBytes, bytes, doneFiles, files }: UploadProgress): string =>
  `Sending: ${doneFiles.toLocaleString('en')} of ${files.toLocaleString('en')} files, ${describeBytes(doneBytes)} of ${describeBytes(bytes)}`
