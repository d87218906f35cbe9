import { useMemo } from 'react'
import { useClassColours } from '../labels/colours.ts'
import { useCall } from '../shell/data.ts'
import { quoteText } from '../shell/view.ts'
import { fieldValue, nameAxis, type Axis } from './axis.ts'
import { drawBars } from './bars.ts'
import { drawCells } from './cells.ts'
import { mostClasses, useJoint } from './joint.ts'
import { Plot } from './Plot.tsx'
import { showCount } from './scene.ts'

interface PlotsProps {
  dataset: string
  query: string
}

const classCondition = (name: string | null): string =>
  name === null ? 'class is missing' : `class = ${quoteText(name)}`

/** An axis of names without a part for missing. */
function namesOnly(title: string, names: readonly string[], conditionOf: (name: string | null) => string): Axis {
  return { ...nameAxis(title, names, conditionOf), count: names.length }
}

/** How many samples each class has. */
export function ClassBalance({ dataset, query }: PlotsProps) {
  const { data, error, isPlaceholderData } = useCall('query.stats', { dataset, query, by: ['class'], top: 1_000 })
  const colourOf = useClassColours(dataset)
  const scene = useMemo(() => {
    const counts = data?.fields[0]
    if (counts?.kind !== 'counts') return null
    const bars = counts.values.map(({ value, count }) => {
      const name = String(value)
      return { name, count, colour: colourOf(name), pick: { condition: classCondition(name) } }
    })
    if (counts.missing > 0)
      bars.push({
        name: '(no class)',
        count: counts.missing,
        colour: colourOf(null),
        pick: { condition: classCondition(null) },
      })
    return drawBars('Classes', bars, ['class', 'samples'])
  }, [data, colourOf])
  const note = `Samples with at least one label of the class, among ${showCount(data?.count ?? 0)}.`
  return <Plot title="Classes" scene={scene} error={error} isStale={isPlaceholderData} note={note} />
}

/** Classes by split, and classes that stand together. */
export function ClassPairs({ dataset, query }: PlotsProps) {
  const { data, error, isPlaceholderData } = useJoint(dataset, query)
  const [bySplit, together] = useMemo(() => {
    if (data === undefined) return [null, null]
    const classes = namesOnly('class', data.classes, classCondition)
    const others = namesOnly('with', data.classes, classCondition)
    const splitCondition = fieldValue('split', true)
    const splits: Axis = {
      ...nameAxis('split', [], splitCondition),
      count: data.splits.length,
      nameOf: (part) => data.splits[part] ?? '(no split)',
      conditionOf: (part) => splitCondition(data.splits[part] ?? null),
    }
    return [
      drawCells({ title: 'Classes by split', x: splits, y: classes, counts: data.bySplit, isDown: true }),
      drawCells({ title: 'Classes together', x: others, y: classes, counts: data.together, isDown: true }),
    ]
  }, [data])
  const shared = { error, isStale: isPlaceholderData }
  const of =
    data !== undefined && data.looked < data.total
      ? `The first ${showCount(data.looked)} of ${showCount(data.total)} samples.`
      : 'Every sample the query finds.'
  return (
    <>
      <Plot
        title="Classes by split"
        scene={bySplit}
        {...shared}
        note={data?.classes.length === mostClasses ? `${of} The ${mostClasses} most frequent classes.` : of}
        empty="No sample of the query has a class and a split."
      />
      <Plot
        title="Classes together"
        scene={together}
        {...shared}
        note={`${of} Those that have both classes; on the diagonal, those that have the one.`}
      />
    </>
  )
}
