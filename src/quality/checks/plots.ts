import type { CheckPlot } from '#contract'
import type { DatasetRef, QualityPort, QualityScope } from '#catalog'

const bins = 30

/** Bars of what is found: counts by name. */
export function drawBars(
  title: string,
  unit: string,
  names: readonly string[],
  counts: readonly number[],
  reference: readonly number[] | null = null,
  marks: CheckPlot['marks'] = [],
): CheckPlot {
  return {
    kind: 'bars',
    title,
    unit,
    edges: [],
    names: [...names],
    counts: [...counts],
    reference: reference === null ? null : [...reference],
    marks,
  }
}

/** Histogram of a measure over a scope, and over what it is compared with, with the bounds as marks. Undefined where nothing has the measure. */
export async function drawHistogram(
  catalog: QualityPort,
  dataset: DatasetRef,
  scope: QualityScope,
  measure: string,
  options: {
    marks?: CheckPlot['marks']
    reference?: { dataset: DatasetRef; scope: QualityScope } | undefined
    range?: [number, number]
  } = {},
): Promise<CheckPlot | undefined> {
  const { marks = [], reference } = options
  const range = options.range ?? (await rangeOf())
  if (range === undefined) return undefined
  const [low, high] = range
  const edges = Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins)
  edges[bins] = high
  const unit = (await catalog.schemaOf(dataset)).fields.find(({ name }) => name === measure)?.unit ?? ''
  return {
    kind: 'histogram',
    title: measure,
    unit,
    edges,
    names: [],
    counts: await catalog.bins(dataset, scope, measure, edges),
    reference: reference === undefined ? null : await catalog.bins(reference.dataset, reference.scope, measure, edges),
    marks,
  }

  async function rangeOf(): Promise<[number, number] | undefined> {
    const [own] = await catalog.summarise(dataset, scope, [measure])
    const [other] =
      reference === undefined ? [] : await catalog.summarise(reference.dataset, reference.scope, [measure])
    const lows = [own?.min, other?.min].filter((one) => typeof one === 'number')
    const highs = [own?.max, other?.max].filter((one) => typeof one === 'number')
    if (lows.length === 0) return undefined
    const [from, to] = [Math.min(...lows), Math.max(...highs)]
    return from === to ? [from - 0.5, to + 0.5] : [from, to]
  }
}
