import { Badge, Card, ImagesLink, Scroll } from '../runs/parts.tsx'
import { showFigure } from '../runs/words.ts'
import { Interval } from './FigureTable.tsx'
import type { Evaluation } from './version.ts'

/** Parts of the data with the main figure of each; a name leads to its images. */
export function SliceTable({
  title,
  slices,
  evaluation: { dataset, main, figures },
}: {
  title: string
  slices: Evaluation['slices']
  evaluation: Evaluation
}) {
  if (slices.length === 0) return null
  return (
    <Card
      title={title}
      aside={
        <span className="hint">
          all samples: {main} {showFigure(figures[main]?.value)}
        </span>
      }
    >
      <Scroll label={title}>
        <table className="runs-table">
          <thead>
            <tr>
              {['Slice', 'Samples', main, '95 %', ''].map((head, i) => (
                <th key={i} scope="col">
                  {head === '' ? <span className="visually-hidden">Remark</span> : head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {slices.map((slice) => (
              <tr key={`${slice.name} ${slice.query}`}>
                <th scope="row">
                  <ImagesLink dataset={dataset} query={slice.query}>
                    {slice.name}
                  </ImagesLink>
                </th>
                <td className="runs-number">{slice.samples.toLocaleString('en')}</td>
                <td className="runs-number">
                  <b>{showFigure(slice.value)}</b>
                </td>
                <td className="runs-number">
                  <Interval value={slice.value} low={slice.low} high={slice.high} />{' '}
                  {slice.low !== null && slice.high !== null && (
                    <span className="hint">
                      {showFigure(slice.low)} to {showFigure(slice.high)}
                    </span>
                  )}
                </td>
                <td>{slice.apart && <Badge kind="bad">apart from the rest</Badge>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Card>
  )
}
