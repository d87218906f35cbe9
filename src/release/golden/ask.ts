import type { TaskModel } from '#models'
import { describeGolden, type GoldenAnswer } from './answer.ts'

/** What a model answers for the bytes of a golden picture. Throws as `prepare` and `predict` do. */
export async function askGolden(
  model: Pick<TaskModel, 'prepare' | 'predict'>,
  bytes: Uint8Array,
): Promise<GoldenAnswer> {
  const [prediction] = await model.predict([await model.prepare({ bytes })])
  return describeGolden(prediction!)
}
