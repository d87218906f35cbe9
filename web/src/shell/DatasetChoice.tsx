import { useCall } from './data.ts'
import { baseOf, isVersion, setView, useView } from './view.ts'

/** Versions that are offered; the page's address shows any other. */
const shownVersions = 100
const shownLetters = 40

/** What the page shows: a dataset as it is now, or one of the versions of the dataset that is shown. */
export function DatasetChoice({ datasets }: { datasets: readonly { name: string; samples: number }[] }) {
  const { dataset: shown } = useView()
  const base = shown === null ? undefined : baseOf(shown)
  const isThere = datasets.some(({ name }) => name === base)
  const versions = useCall(
    'versions.list',
    { dataset: base, limit: shownVersions },
    { enabled: isThere },
  ).data?.versions.filter(({ dataset }) => dataset === base)
  const names = versions?.map(({ version }) => `${base}@${version}`) ?? []
  const isListed = shown !== null && (names.includes(shown) || datasets.some(({ name }) => name === shown))
  return (
    <>
      <label className="visually-hidden" htmlFor="dataset">
        Dataset
      </label>
      <select
        id="dataset"
        value={shown ?? ''}
        onChange={(event) =>
          setView({ dataset: event.target.value, query: '', sample: null, space: null, group: null, report: null })
        }
      >
        {shown !== null && !isListed && (
          <option value={shown}>
            {shown}
            {datasets.length > 0 && !isThere && ' (not there)'}
          </option>
        )}
        {datasets.map(({ name, samples }) => (
          <option key={name} value={name}>
            {name} ({samples.toLocaleString('en')})
          </option>
        ))}
        {versions !== undefined && versions.length > 0 && (
          <optgroup label={`Versions of ${base}`}>
            {versions.map(({ version, tags, message }) => (
              <option key={version} value={`${base}@${version}`}>
                {[`${base}@${version}`, ...tags, shorten(message)].join(' · ')}
              </option>
            ))}
          </optgroup>
        )}
      </select>
      {shown !== null && isVersion(shown) && (
        <span className="version" title="A version never changes. Choose the dataset to work on it.">
          read only
        </span>
      )}
    </>
  )
}

const shorten = (message: string): string => {
  const [line = ''] = message.split('\n')
  return line.length > shownLetters ? `${line.slice(0, shownLetters)}…` : line
}
