import { change } from '../shell/changes.ts'
import { CopyButton } from './CopyButton.tsx'
import type { Picture } from './pictures.ts'
import { onlyThis, type Shown } from './sample-data.ts'

interface PictureProblemProps {
  id: number
  shown: Shown | null
  failure: Extract<Picture, { kind: 'failed' }>
  hasThumb: boolean
  retry: () => void
}

const titles = {
  missing: 'The file is not where it was',
  corrupt: 'The file cannot be read as a picture',
  refused: 'The picture did not come',
}

/** Why there is no picture, and what can be done. Over the thumbnail where one is left, it stays small. */
export function PictureProblem({ id, shown, failure, hasThumb, retry }: PictureProblemProps) {
  const { problem, error } = failure
  const source = shown?.sample.fields['source']
  return (
    <div className={`sample-problem${hasThumb ? ' aside' : ''}`} role="alert">
      <h2>{titles[problem]}</h2>
      <p>{error.message}</p>
      <p className="hint">
        {error.hint ??
          (problem === 'missing'
            ? 'Put the file back, or import its folder again from where it is now: samples are matched by their bytes.'
            : 'Replace the file with a sound copy and import its folder again.')}
      </p>
      {hasThumb && <p className="hint">What you see is the thumbnail made when it was imported.</p>}
      {typeof source === 'string' && (
        <p>
          <code>{source}</code> <CopyButton text={source} what="the file's place" />
        </p>
      )}
      <div className="sample-problem-ways">
        <button type="button" onClick={retry}>
          Try again
        </button>
        {problem !== 'refused' && shown !== null && (
          <>
            <button
              type="button"
              onClick={() =>
                void change(
                  'sample.tag',
                  { dataset: shown.dataset, query: onlyThis(id), tags: [problem] },
                  () => `Tagged ${problem}.`,
                )
              }
            >
              Tag as {problem}
            </button>
            <button
              type="button"
              onClick={() =>
                void change(
                  'sample.delete',
                  { dataset: shown.dataset, query: onlyThis(id) },
                  () => `Removed s_${id} from ${shown.dataset}; the file was not touched.`,
                )
              }
            >
              Remove from the dataset
            </button>
          </>
        )}
      </div>
    </div>
  )
}
