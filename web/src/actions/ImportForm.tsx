import { useId, useState, type SubmitEvent } from 'react'
import type { Input, Output } from '../api/client.ts'
import { startJob } from '../shell/changes.ts'
import { useCall } from '../shell/data.ts'

interface ImportFormProps {
  path: string
  /** A name for the dataset. */
  dataset: string
  /** Whether it was sent from here, and so is copied in any case. */
  isUpload: boolean
  inspection: Output<'dataset.inspect'>
  onStarted: (job: string) => void
  onClose: () => void
}

/** What was recognised, and how it is to be taken. */
export function ImportForm({ path, dataset: named, isUpload, inspection, onStarted, onClose }: ImportFormProps) {
  const { detected, candidates, files } = inspection
  const [dataset, setDataset] = useState(named)
  const [format, setFormat] = useState<NonNullable<Input<'dataset.import'>['format']>>('auto')
  const [layer, setLayer] = useState('truth')
  const [split, setSplit] = useState('')
  const [isCopied, setCopied] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const id = useId()
  const known = useCall('dataset.list', {}).data?.datasets ?? []
  const isKnown = known.some(({ name }) => name === dataset)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    const job = await startJob('dataset.import', {
      path,
      dataset,
      format,
      layer,
      copy: isUpload || isCopied,
      ...(split.trim() === '' ? {} : { split: split.trim() }),
    })
    setBusy(false)
    if (job !== undefined) onStarted(job.id)
  }
  return (
    <form className="actions-form" onSubmit={(event) => void submit(event)}>
      <div role="status" className="actions-found">
        <strong>{`${detected.format}: ${detected.layout}`}</strong>
        <div className="hint">{`${detected.evidence} · ${files.toLocaleString('en')} file${files === 1 ? '' : 's'}`}</div>
      </div>
      <div className="actions-field">
        <label htmlFor={`${id}-dataset`}>Dataset</label>
        <input
          id={`${id}-dataset`}
          list={`${id}-known`}
          autoFocus
          required
          maxLength={100}
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
        <input
          id={`${id}-layer`}
          required
          maxLength={200}
          value={layer}
          onChange={(event) => setLayer(event.target.value)}
        />
        <span className="hint">truth for annotations; another name for predictions, so that both can be compared</span>
        <label htmlFor={`${id}-split`}>Split</label>
        <input
          id={`${id}-split`}
          placeholder="as the files say"
          maxLength={100}
          value={split}
          onChange={(event) => setSplit(event.target.value)}
        />
      </div>
      {isUpload ? (
        <p className="hint">The files are kept in the workspace.</p>
      ) : (
        <label className="actions-check">
          <input type="checkbox" checked={isCopied} onChange={(event) => setCopied(event.target.checked)} />
          Copy the files into the workspace instead of referring to them
        </label>
      )}
      <div className="actions-row actions-foot">
        <button type="submit" className="actions-main" disabled={isBusy}>
          {isKnown ? `Import into ${dataset}` : 'Import'}
        </button>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </form>
  )
}
