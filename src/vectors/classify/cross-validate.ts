import { createRng, throwIfAborted } from '#base'
import type { LongWork, Matrix } from '../types.ts'
import { bendFeatures, standardise } from './features.ts'
import { assignFolds } from './folds.ts'
import { fitFolds, predictOutOfFold, type FoldModels } from './softmax.ts'

export interface CrossValidateOptions {
  classes: number
  /** At least 2. */
  folds: number
  seed: number
}

/** From strong to weak. */
const penalties = [1e-3, 3e-4, 1e-4]
const iterations = 40

/**
 * Class probabilities of every row, [rows × classes], by models that have not seen the row nor any of its group: the mean of two
 * multinomial logistic regressions, one linear in the standardised vectors, one in features of a Gaussian kernel. Vectors have unit length.
 */
export async function crossValidate(
  vectors: Matrix,
  classOf: Int32Array,
  groupOf: Int32Array | null,
  { classes, folds, seed }: CrossValidateOptions,
  work: LongWork = {},
): Promise<Matrix> {
  const rng = createRng(`cross-validate ${seed}`)
  const foldOf = assignFolds(classOf, groupOf, { folds, classes, rng: rng.fork('folds') })
  const mean: Matrix = { rows: vectors.rows, columns: classes, data: new Float32Array(vectors.rows * classes) }
  const kinds = [() => standardise(vectors), () => bendFeatures(vectors, rng.fork('landmarks'))]
  let done = 0
  for (const make of kinds) {
    throwIfAborted(work.signal)
    const features = await make()
    const tried: { probabilities: Matrix; loss: number; error: number }[] = []
    let start: FoldModels | undefined
    for (const penalty of penalties) {
      start = await fitFolds(features, classOf, foldOf, { classes, folds, penalty, iterations, start }, work)
      const probabilities = await predictOutOfFold(start, features, foldOf, classes)
      tried.push({ probabilities, ...lossOf(probabilities, classOf) })
      const total = kinds.length * penalties.length
      work.progress?.report({ stage: 'cross-validation', done: ++done, total, unit: 'models' })
    }
    const least = tried.reduce((best, one) => (one.loss < best.loss ? one : best))
    // The strongest penalty within one standard error of the best (Breiman et al. 1984) follows wrong labels less.
    const { probabilities } = tried.find(({ loss }) => loss <= least.loss + least.error)!
    for (let at = 0; at < mean.data.length; at++) mean.data[at]! += probabilities.data[at]! / kinds.length
  }
  return mean
}

/** Mean cross-entropy, with its standard error. */
function lossOf({ rows, columns, data }: Matrix, classOf: Int32Array): { loss: number; error: number } {
  let sum = 0
  let squares = 0
  classOf.forEach((k, row) => {
    const loss = -Math.log(Math.max(1e-12, data[row * columns + k]!))
    sum += loss
    squares += loss * loss
  })
  const loss = sum / Math.max(1, rows)
  return { loss, error: Math.sqrt(Math.max(0, squares / Math.max(1, rows) - loss * loss) / Math.max(1, rows)) }
}
