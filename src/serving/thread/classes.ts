import type { Prediction } from '#models'

/** A prediction with its classes as numbers: a thousand objects take longer from thread to thread than a network to run. */
export type PackedPrediction = Omit<Prediction, 'classes'> & {
  ranking?: { order: Uint32Array<ArrayBuffer>; scores: Float64Array<ArrayBuffer> }
}

export function packClasses({ classes, ...rest }: Prediction, names: readonly string[]): PackedPrediction {
  if (classes === undefined) return rest
  const places = placesOf(names)
  return {
    ...rest,
    ranking: {
      order: Uint32Array.from(classes, (each) => places.get(each.class)!),
      scores: Float64Array.from(classes, ({ score }) => score),
    },
  }
}

export function unpackClasses({ ranking, ...rest }: PackedPrediction, names: readonly string[]): Prediction {
  if (ranking === undefined) return rest
  const classes = Array.from(ranking.order, (place, i) => ({ class: names[place]!, score: ranking.scores[i]! }))
  return { ...rest, classes }
}

let known: { names: readonly string[]; places: Map<string, number> } | undefined

/** A thread has one model, so that one map is enough. */
function placesOf(names: readonly string[]): Map<string, number> {
  if (known?.names !== names) known = { names, places: new Map(names.map((name, i) => [name, i])) }
  return known.places
}
