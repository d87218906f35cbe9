import { expect, it } from 'vitest'
import { silentProgress, type CallContext } from '#base'
import type { Scalar } from '#contract'
import { tellLeaks, type LeakDeps } from './leaks.ts'

const context: CallContext = {
  signal: new AbortController().signal,
  progress: silentProgress,
  actor: 'me',
  log: { info: () => {}, warn: () => {} },
}
const dataset = { id: 1, name: 'd' }
/** Samples 1 and 2 show one scene, 3 and 4, 4 and 5 another; the field `part` has a value each. */
const tell = (train: number[], heldOut: number[], group: string): Promise<string | undefined> => {
  const parts: Scalar[] = ['a', 'b', 'a', null, null]
  const catalog = {
    schemaOf: async () => ({ fields: [{ name: 'part' }] }),
    columnsOf: async () => ({ ids: [1, 2, 3, 4, 5], columns: [parts] }),
  } as unknown as LeakDeps['catalog']
  const pairScenes = async () => [
    { a: 1, b: 2 },
    { a: 3, b: 4 },
    { a: 4, b: 5 },
  ]
  return tellLeaks({ catalog, pairScenes }, dataset, { train, heldOut, group }, context)
}

it('tells scenes that stand on both sides, each sample held out once', async () => {
  expect(await tell([1, 4], [2, 3, 5], 'duplicates')).toMatch(
    /^3 of the 3 samples held out show a scene that is learnt from too, such as s_2 \(s_1\): figures on them flatter/,
  )
  expect(await tell([3, 5], [4, 1], 'duplicates')).toMatch(/^1 of the 2 .* such as s_4 \(s_3\)/)
  expect(await tell([1, 2], [3, 4, 5], 'duplicates')).toBeUndefined()
})

it('tells equal values of a field, where they are not missing', async () => {
  expect(await tell([1], [3, 2], 'part')).toMatch(
    /^1 of the 2 samples held out have a part that is learnt from too, such as s_3 \(s_1\)/,
  )
  expect(await tell([4], [5], 'part')).toBeUndefined()
  await expect(tell([1], [2], 'prat')).rejects.toMatchObject({ code: 'FIELD_NOT_FOUND' })
})

it('does not look where nothing is to stay together', async () => {
  expect(await tell([1], [2], 'none')).toBeUndefined()
})
