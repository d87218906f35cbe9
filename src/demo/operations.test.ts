import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeDemo } from '#contract'
import { silentProgress } from '#base'
import { createDemoOperations } from './operations.ts'
import { readFaults, withFolder } from './testing.ts'

it('makes the dataset through demo.make, in the shape the contract states', async () => {
  await withFolder(async (root) => {
    const operations = createDemoOperations({ tilesInFlight: 2 })
    expect(operations.map(({ spec }) => spec.id)).toEqual(['demo.make'])
    const log = { info: () => {}, warn: () => {} }
    const input = makeDemo.input.parse({ to: join(root, 'tiles'), tiles: 6 })
    const context = { signal: new AbortController().signal, progress: silentProgress, actor: 'local', log }
    const output = makeDemo.output.parse(await operations[0]!.handle(input, context))
    const { seed, faults } = await readFaults(output.to)
    expect(seed).toBe(7)
    expect(Object.values(output.faults).reduce((sum, count) => sum + count, 0)).toBe(faults.length)
  })
})
