import type { TopClasses } from '../types.ts'
import type { TextMeaning } from './types.ts'

/**
 * How well a picture fits a text, 0 to 1, from its most probable classes.
 * A concept's probability p is the weighted sum of its classes'. Several concepts make (Σ aᵢ√pᵢ / Σ aᵢ)², a its importance: the
 * probabilities of one picture sum to 1, so that a picture of both things has the half of each, and the root puts it before a
 * picture that is surely the one and not the other. An unwanted concept multiplies by 1 − p.
 */
export function scoreText(meaning: TextMeaning, { classes, probabilities }: TopClasses): number {
  let roots = 0
  let importances = 0
  let absence = 1
  for (const { weights, importance, unwanted } of meaning.concepts) {
    let probability = 0
    for (let rank = 0; rank < classes.length; rank++)
      probability += (weights[classes[rank] ?? -1] ?? 0) * (probabilities[rank] ?? 0)
    probability = Math.min(1, probability)
    if (unwanted) absence *= 1 - probability
    else {
      roots += importance * Math.sqrt(probability)
      importances += importance
    }
  }
  return importances === 0 ? absence : (roots / importances) ** 2 * absence
}
