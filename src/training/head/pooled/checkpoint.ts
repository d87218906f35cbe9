import { readFile } from 'node:fs/promises'
import { writeFileAtomic } from '#base'
import type { Moments } from './adam.ts'
import { copyWeights, listArrays, type HeadWeights } from './layers.ts'

/** All that a fit needs to go on as if it had not stopped. */
export interface FitState {
  /** Epochs done. */
  epoch: number
  /** Steps done. */
  step: number
  weights: HeadWeights
  moments: Moments[]
  best: HeadWeights
  bestLoss: number
  bestEpoch: number
}

const listAll = ({ weights, moments, best }: FitState): Float32Array[] => [
  ...listArrays(weights),
  ...moments.flatMap(({ first, second }) => [first, second]),
  ...listArrays(best),
]

/** Writes the state under a key that stands for all that it depends on. */
export async function writeCheckpoint(file: string, key: string, state: FitState): Promise<void> {
  const { epoch, step, bestLoss, bestEpoch } = state
  const header = Buffer.from(`${JSON.stringify({ key, epoch, step, bestLoss, bestEpoch })}\n`)
  const arrays = listAll(state).map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength))
  await writeFileAtomic(file, Buffer.concat([header, ...arrays]))
}

/** Fills a fresh state from a checkpoint of the same key; leaves it as it is where there is none, or one of something else. */
export async function readCheckpoint(file: string, key: string, fresh: FitState): Promise<FitState> {
  const bytes = await readFile(file).catch(() => undefined)
  const end = bytes?.indexOf(10) ?? -1
  if (bytes === undefined || end < 0) return fresh
  const said = readHeader(bytes.toString('utf8', 0, end))
  const state: FitState = { ...fresh, best: copyWeights(fresh.best) }
  const arrays = listAll(state)
  const length = arrays.reduce((sum, array) => sum + array.byteLength, 0)
  if (said?.key !== key || bytes.length - end - 1 !== length) return fresh
  let at = end + 1
  for (const array of arrays) {
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(bytes.subarray(at, at + array.byteLength))
    at += array.byteLength
  }
  return {
    ...state,
    epoch: said.epoch,
    step: said.step,
    bestLoss: said.bestLoss ?? Infinity,
    bestEpoch: said.bestEpoch,
  }
}

type Header = Pick<FitState, 'epoch' | 'step' | 'bestEpoch'> & { key: string; bestLoss: number | null }

function readHeader(text: string): Header | undefined {
  try {
    return JSON.parse(text) as Header
  } catch {
    return undefined
  }
}
