import { ImagesLink, Scroll } from '../runs/parts.tsx'
import { showFigure } from '../runs/words.ts'
import { cellQuery, classQuery, noClass } from './images.ts'
import type { Evaluation } from './version.ts'

/** What a cell counts, in words. */
const nameCell = (own: string, predicted: string): string =>
  own === noClass
    ? `${predicted} where nothing is`
    : predicted === noClass
      ? `${own} missed`
      : `${own} taken for ${predicted}`

/** How often each true class was taken for each other; every count leads to its images. */
export function Confusion({
  evaluation,
  classes,
  counts,
}: {
  evaluation: Evaluation
  classes: readonly string[]
  counts: readonly (readonly number[])[]
}) {
  return (
    <>
      <p className="hint">
        Rows: what is right. Columns: what the model says. A count leads to its images.
        {classes.includes(noClass) && ` ${noClass}: what was missed, and what is said where nothing is.`}
        {evaluation.task === 'segmentation' && ' Counted are pictures: a class is found where its Dice is ½ or more.'}
      </p>
      <Scroll label="Confusion matrix">
        <table className="models-confusion">
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">True class</span>
              </th>
              {classes.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {classes.map((own, i) => {
              const all = (counts[i] ?? []).reduce((sum, count) => sum + count, 0)
              return (
                <tr key={own}>
                  <th scope="row">
                    {own === noClass ? (
                      own
                    ) : (
                      <ImagesLink dataset={evaluation.dataset} query={classQuery(evaluation, own)}>
                        {own}
                      </ImagesLink>
                    )}
                  </th>
                  {classes.map((predicted, j) => {
                    const count = counts[i]?.[j] ?? 0
                    const share = all === 0 ? 0 : count / all
                    const query = count === 0 ? null : cellQuery(evaluation, own, predicted)
                    const kind = count === 0 ? 'none' : i === j ? 'right' : 'wrong'
                    return (
                      <td
                        key={predicted}
                        className={`models-cell ${kind}`}
                        style={{ '--share': share } as React.CSSProperties}
                      >
                        {query === null ? (
                          showFigure(count)
                        ) : (
                          <ImagesLink
                            className="models-cell-button"
                            dataset={evaluation.dataset}
                            query={query}
                            title={`${nameCell(own, predicted)}: ${count} of ${all}`}
                          >
                            {showFigure(count)}
                            <span className="visually-hidden"> of {nameCell(own, predicted)}</span>
                          </ImagesLink>
                        )}
                      </td>
                    )
                  })}
                </tr>
              )
            })}
          </tbody>
        </table>
      </Scroll>
    </>
  )
}
