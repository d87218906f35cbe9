import { meanOfKnown } from './classes.ts'
import { nothingMore, type Judge } from './types.ts'

/** Judges numbers against fields of their names; R² is 1 − Σ(y − ŷ)² ÷ Σ(y − ȳ)², null where all true values are alike. */
export function createNumberJudge(names: readonly string[]): Judge {
  const ids: number[] = []
  const truth = names.map((): number[] => [])
  const predicted = names.map((): number[] => [])
  return {
    add({ id, values }, prediction) {
      const own = names.map((name) => values[name] ?? null)
      const said = names.map((name) => prediction.values?.[name])
      if (own.includes(null)) return 'withoutValue'
      if (said.includes(undefined)) return 'unpredicted'
      ids.push(id)
      names.forEach((_, i) => {
        truth[i]!.push(own[i]!)
        predicted[i]!.push(said[i]!)
      })
      return undefined
    },
    finish() {
      const measureOne = (at: number, weights: Float64Array): Record<'mae' | 'rmse' | 'r2', number | null> => {
        const [own, said] = [truth[at]!, predicted[at]!]
        let [total, sum, absolute, squares] = [0, 0, 0, 0]
        for (let i = 0; i < own.length; i++) {
          const weight = weights[i]!
          const error = said[i]! - own[i]!
          total += weight
          sum += weight * own[i]!
          absolute += weight * Math.abs(error)
          squares += weight * error * error
        }
        if (total === 0) return { mae: null, rmse: null, r2: null }
        const mean = sum / total
        let spread = 0
        for (let i = 0; i < own.length; i++) spread += weights[i]! * (own[i]! - mean) ** 2
        return {
          mae: absolute / total,
          rmse: Math.sqrt(squares / total),
          r2: spread === 0 ? null : 1 - squares / spread,
        }
      }
      const ones = new Float64Array(ids.length).fill(1)
      const errors = ids.map((_, i) => predicted[0]![i]! - truth[0]![i]!)
      return {
        ...nothingMore,
        ids,
        main: 'mae',
        lowerIsBetter: true,
        measure(weights) {
          const each = names.map((_, i) => measureOne(i, weights))
          const mean = (figure: 'mae' | 'rmse' | 'r2'): number | null => meanOfKnown(each.map((one) => one[figure]))
          return { mae: mean('mae'), rmse: mean('rmse'), r2: mean('r2') }
        },
        classes:
          names.length < 2
            ? []
            : names.map((name, i) => ({
                class: name,
                truths: ids.length,
                predictions: ids.length,
                figures: measureOne(i, ones),
              })),
        outcomes: [],
        right: null,
        fields: Object.fromEntries(
          names.map((name, i) => [
            names.length === 1 ? 'error' : `${name}_error`,
            {
              type: 'number' as const,
              values: i === 0 ? errors : predicted[i]!.map((said, row) => said - truth[i]![row]!),
            },
          ]),
        ),
      }
    },
  }
}
