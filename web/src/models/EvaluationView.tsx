import { useCall } from '../shell/data.ts'
import { LinePlot } from '../runs/LinePlot.tsx'
import { Card, Fault, ImagesLink, Scroll } from '../runs/parts.tsx'
import { showFigure, showTime } from '../runs/words.ts'
import { Confusion } from './Confusion.tsx'
import { FigureTable } from './FigureTable.tsx'
import { classQuery } from './images.ts'
import { Outcomes } from './Outcomes.tsx'
import { SliceTable } from './SliceTable.tsx'
import type { Evaluation } from './version.ts'

/** The latest evaluation of a version; every figure about samples leads to their images. */
export function EvaluationView({ model, onEvaluate }: { model: string; onEvaluate: () => void }) {
  const { data, error } = useCall('evaluation.show', { model })
  if (error !== null && error.code !== 'SOURCE_NOT_FOUND' && data === undefined)
    return <Fault title="The evaluation cannot be shown" error={error} />
  if (data === undefined)
    return (
      <Card title="Evaluation">
        {error === null ? (
          <p className="hint">Reading the evaluation…</p>
        ) : (
          <>
            <p className="hint">It was not judged on labelled samples yet.</p>
            <button type="button" onClick={onEvaluate}>
              Evaluate…
            </button>
          </>
        )}
      </Card>
    )
  const skipped = Object.entries(data.skipped).filter(([, count]) => count > 0)
  return (
    <>
      <Card title="Evaluation">
        <p className="hint">
          On{' '}
          <ImagesLink dataset={data.dataset} query={data.query}>
            {data.samples.toLocaleString('en')} samples of {data.dataset}
            {data.query !== '' && ` where ${data.query}`}
          </ImagesLink>
          , {showTime(data.at)}
          {data.layer !== null && `, by the layer ${data.layer}`}
          {skipped.length > 0 && `; left out: ${skipped.map(([why, count]) => `${count} ${why}`).join(', ')}`}
        </p>
        {data.problems.length > 0 && (
          <p className="problem">
            {data.problems.length} pictures could not be read, such as {data.problems[0]!.path}:{' '}
            {data.problems[0]!.what}
          </p>
        )}
        <FigureTable evaluation={data} />
      </Card>
      <Outcomes evaluation={data} />
      {data.confusion !== null && data.confusion.classes.length > 0 && (
        <Card title="Confusion matrix">
          <Confusion evaluation={data} {...data.confusion} />
        </Card>
      )}
      <Curves evaluation={data} />
      <SliceTable title="Slices" slices={data.slices} evaluation={data} />
      <SliceTable title="Worst slices" slices={data.worst} evaluation={data} />
      <Classes evaluation={data} />
    </>
  )
}

function Curves({ evaluation: { curves, reliability } }: { evaluation: Evaluation }) {
  const kinds = new Map<string, { name: string; x: number[]; y: number[] }[]>()
  for (const { name, x, y } of curves) {
    const kind = /^(roc|precision-recall)\b/.exec(name)?.[1] ?? 'curve'
    const rest = name.slice(kind === 'curve' ? 0 : kind.length).trim()
    kinds.set(kind, [...(kinds.get(kind) ?? []), { name: rest === '' ? name : rest, x, y }])
  }
  const known = reliability !== null && reliability.length > 0
  if (kinds.size === 0 && !known) return null
  return (
    <Card title="Curves of the scores">
      <div className="runs-plots">
        {[...kinds].map(([kind, lines]) => (
          <LinePlot
            key={kind}
            title={{ roc: 'ROC: true positives', 'precision-recall': 'Precision' }[kind] ?? 'Curves'}
            xTitle={{ roc: 'false positives', 'precision-recall': 'recall' }[kind] ?? ''}
            lines={lines}
            isSquare
            hasEqual={kind === 'roc'}
          />
        ))}
        {known && (
          <LinePlot
            title="Reliability: share that is right"
            xTitle="score"
            isSquare
            hasEqual
            hasDots
            lines={[
              { name: 'right', x: reliability.map((bin) => bin.score), y: reliability.map((bin) => bin.accuracy) },
            ]}
          />
        )}
      </div>
    </Card>
  )
}

function Classes({ evaluation }: { evaluation: Evaluation }) {
  const { classes, dataset } = evaluation
  if (classes.length === 0) return null
  const figures = [...new Set(classes.flatMap((one) => Object.keys(one.figures)))]
  return (
    <Card title="Classes">
      <Scroll label="Figures of each class">
        <table className="runs-table">
          <thead>
            <tr>
              {['Class', 'True', 'Predicted', ...figures].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {classes.map((one) => (
              <tr key={one.class}>
                <th scope="row">
                  <ImagesLink dataset={dataset} query={classQuery(evaluation, one.class)}>
                    {one.class}
                  </ImagesLink>
                </th>
                <td className="runs-number">{showFigure(one.truths)}</td>
                <td className="runs-number">{showFigure(one.predictions)}</td>
                {figures.map((name) => (
                  <td key={name} className="runs-number">
                    {showFigure(one.figures[name])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Card>
  )
}
