import type { Prediction } from '#models'

/** Numbers of a prediction that are no labels, by the field of the layer that holds them. */
export function predictedFields(layer: string, { values, anomaly }: Prediction): Record<string, number> {
  return {
    ...Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [`${layer}_${name}`, value])),
    ...(anomaly === undefined ? {} : { [`${layer}_score`]: anomaly.score }),
  }
}
