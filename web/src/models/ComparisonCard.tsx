import { setView } from '../shell/view.ts'
import { thumbUrl } from '../api/client.ts'
import { Badge, Card, ImagesLink, RunLink, Scroll } from '../runs/parts.tsx'
import { showFigure } from '../runs/words.ts'
import type { Comparison } from './version.ts'

/** Two versions on the same samples: what is better, what is worse, and which samples flipped. */
export function ComparisonCard({
  comparison,
  dataset,
  onClose,
}: {
  comparison: Comparison
  dataset: string
  onClose: () => void
}) {
  const { before, after, samples, figures, mcnemar, lost, gained, queries, lowerIsBetter, main, run } = comparison
  return (
    <Card
      title={`${after} against ${before}`}
      aside={
        <button type="button" onClick={onClose}>
          Close
        </button>
      }
    >
      <p className="hint">
        On {samples.toLocaleString('en')} samples of {dataset}; run <RunLink run={run} />
        {mcnemar !== null &&
          `; ${mcnemar.lost} lost and ${mcnemar.gained} gained, McNemar p = ${showFigure(mcnemar.p)}`}
      </p>
      <Scroll label="Differences">
        <table className="runs-table">
          <thead>
            <tr>
              {['Figure', before, after, 'Difference', '95 %', ''].map((title, i) => (
                <th key={i} scope="col">
                  {title === '' ? <span className="visually-hidden">Verdict</span> : title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Object.entries(figures).map(([name, figure]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td className="runs-number">{showFigure(figure.before)}</td>
                <td className="runs-number">{showFigure(figure.after)}</td>
                <td className="runs-number">
                  <b>
                    {figure.difference !== null && figure.difference > 0 && '+'}
                    {showFigure(figure.difference)}
                  </b>
                </td>
                <td className="runs-number">
                  {figure.low === null || figure.high === null
                    ? '–'
                    : `${showFigure(figure.low)} to ${showFigure(figure.high)}`}
                </td>
                <td>
                  {figure.low !== null && figure.high !== null && figure.low * figure.high > 0 && name === main && (
                    <Badge kind={figure.low > 0 !== lowerIsBetter ? 'good' : 'bad'}>
                      {figure.low > 0 !== lowerIsBetter ? 'better' : 'worse'}
                    </Badge>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <div className="models-outcomes">
        <Flips title="Lost" dataset={dataset} query={queries?.lost} flips={lost} />
        <Flips title="Gained" dataset={dataset} query={queries?.gained} flips={gained} />
      </div>
    </Card>
  )
}

function Flips({
  title,
  dataset,
  query,
  flips,
}: {
  title: string
  dataset: string
  query: string | undefined
  flips: Comparison['lost']
}) {
  return (
    <section className={title === 'Gained' ? 'models-outcome right' : 'models-outcome'}>
      <h3>
        {query === undefined || flips.length === 0 ? (
          title
        ) : (
          <ImagesLink dataset={dataset} query={query}>
            {title}
          </ImagesLink>
        )}{' '}
        <span className="hint">{flips.length === 0 ? 'none' : flips.length}</span>
      </h3>
      <ul className="models-flips">
        {flips.map(({ sample, before, after }) => {
          const id = Number(sample.slice(2))
          return (
            <li key={sample}>
              <button
                type="button"
                aria-label={`Open ${sample}`}
                onClick={() => setView({ dataset, query: query ?? '', sample: id })}
              >
                <img src={thumbUrl(id)} alt="" loading="lazy" />
              </button>
              <span>
                {before} <span aria-label="became">→</span> {after}
              </span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
