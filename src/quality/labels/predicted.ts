import { FoveaError, formatSampleId } from '#base'
import type { Catalog, DatasetRef } from '#catalog'
import { checkProbabilities, type Probabilities } from './probabilities.ts'

/**
 * Class probabilities of samples from the scored class labels of a layer. Columns are the classes given, then those that only the layer has.
 * Where the named classes sum to less than 1 and some are not named, the rest is spread evenly over these, as models often store their best few.
 * Samples without predictions are left out: `kept` are the places of the others. Throws LAYER_NOT_FOUND, and PROBABILITIES_INVALID
 * when no label has a score, when no class is also a given one, or naming the first sample whose scores are no probabilities.
 */
export async function readPredicted(
  catalog: Catalog,
  dataset: DatasetRef,
  layer: string,
  { ids, classes, classOf }: { ids: readonly number[]; classes: readonly string[]; classOf: Int32Array },
): Promise<{ kept: Int32Array; classes: string[]; probabilities: Probabilities }> {
  const { samples, names, scores } = await catalog.membersOf(dataset, { classesOf: layer, kind: 'class' })
  const placeOf = new Map(ids.map((id, place) => [id, place]))
  const found = samples.flatMap((id, i) => {
    const place = placeOf.get(id)
    const score = scores[i]
    return place === undefined || score === null || score === undefined ? [] : [{ place, name: names[i]!, score }]
  })
  if (found.length === 0)
    throw new FoveaError(
      'PROBABILITIES_INVALID',
      `Layer ${layer} has no class label with a score on any of the ${ids.length} samples.`,
      { hint: 'Name a layer of predictions with --predictions, or leave it out to use embeddings.' },
    )
  const all = [...new Set([...classes, ...found.map(({ name }) => name)])]
  if (!found.some(({ name }) => classes.includes(name)))
    throw new FoveaError(
      'PROBABILITIES_INVALID',
      `Layer ${layer} predicts ${listFew(all.slice(classes.length))}; the samples are labelled ${listFew(classes)}: no class is in both.`,
      { hint: 'Import the predictions with the names of the classes of the labels.' },
    )
  const columnOf = new Map(all.map((name, column) => [name, column]))
  const kept = Int32Array.from(new Set(found.map(({ place }) => place))).toSorted()
  const rowOf = new Map(Array.from(kept, (place, row) => [place, row]))
  const columns = Math.max(2, all.length)
  const data = new Float64Array(kept.length * columns).fill(Number.NaN)
  for (const { place, name, score } of found) data[rowOf.get(place)! * columns + columnOf.get(name)!] = score
  for (let row = 0; row < kept.length; row++) spreadRest(data.subarray(row * columns, (row + 1) * columns))
  const probabilities = { rows: kept.length, columns, data }
  const given = Int32Array.from(kept, (place) => classOf[place]!)
  checkProbabilities(probabilities, given, (row) => `sample ${formatSampleId(ids[kept[row]!]!)} of layer ${layer}`)
  return { kept, classes: all, probabilities }
}

/** Fills the classes that are not named (NaN). */
function spreadRest(row: Float64Array): void {
  let sum = 0
  let unnamed = 0
  for (const one of row) {
    if (Number.isNaN(one)) unnamed++
    else sum += one
  }
  const rest = Math.max(0, 1 - sum) / Math.max(1, unnamed)
  for (let i = 0; i < row.length; i++) if (Number.isNaN(row[i]!)) row[i] = rest
}

function listFew(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} …` : names.join(', ')
}
