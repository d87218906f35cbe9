import { z } from 'zod'
import { expect, test } from 'vitest'
import { implement, silentProgress, type CallContext, type Operation } from '#base'
import { operation } from '#contract'
import { createRegistry, listSpecs, type RoomSource, type Spec } from './registry.ts'

const double = operation({
  id: 'math.double',
  summary: 'Double',
  effect: 'read',
  input: z.object({ value: z.number().max(10), names: z.array(z.string().min(1)).default([]) }),
  output: z.object({ value: z.number() }),
  errors: [],
})
const halve = operation({ ...double, id: 'math.halve' })
const specs = new Map([double, halve].map((spec) => [spec.id, spec as unknown as Spec]))
const context: CallContext = {
  signal: new AbortController().signal,
  progress: silentProgress,
  actor: 'local',
  log: { info: () => {}, warn: () => {} },
}

function room(name: string, ids: string[], operations: Operation[]): RoomSource {
  return { name, ids, load: async () => operations }
}
const doDouble = implement(double, async ({ value }) => ({ value: value * 2 }))
const doHalve = implement(halve, async () => ({ value: 'half' }) as unknown as { value: number })

test('every operation of the contract has a spec, and ids group into rooms', () => {
  const all = [...listSpecs().keys()]
  expect(all).toContain('query.run')
  expect(all).toContain('dataset.import')
  expect(all.every((id) => /^[a-z]+\.[a-z-]+$/.test(id))).toBe(true)
})

test('wiring that does not fit is refused at the start, with every fault', () => {
  expect(() => createRegistry({ specs, rooms: [room('a', ['math.double'], [])] })).toThrow(/math\.halve has no handler/)
  const twice = [room('a', ['math.double', 'math.halve'], []), room('b', ['math.double', 'math.cube'], [])]
  expect(() => createRegistry({ specs, rooms: twice })).toThrow(
    /math\.double has two handlers, in a and b; math\.cube of b is not declared/,
  )
})

test('a room that does not bring what it announced is found by verify', async () => {
  const short = createRegistry({ specs, rooms: [room('a', ['math.double', 'math.halve'], [doDouble])] })
  await expect(short.verify()).rejects.toMatchObject({
    code: 'INTERNAL',
    message: expect.stringContaining('math.halve has no handler in a'),
  })
  const long = createRegistry({
    specs,
    rooms: [room('a', ['math.double', 'math.halve'], [doDouble, doDouble, doHalve])],
  })
  await expect(long.verify()).rejects.toMatchObject({
    message: expect.stringContaining('math.double has two handlers in a'),
  })
})

test('input is checked in words, all faults together, unknown inputs included', async () => {
  const registry = createRegistry({ specs, rooms: [room('a', ['math.double', 'math.halve'], [doDouble, doHalve])] })
  expect(await registry.call('math.double', { value: 4 }, context)).toEqual({ value: 8 })
  await expect(registry.call('math.double', { valeu: 4, value: 11, names: ['a', ''] }, context)).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    details: {
      faults: [
        'valeu: math.double takes no such input; did you mean value?',
        'value: expected number to be <=10, got 11.',
        'names.1: expected string to have >=1 characters, got "".',
      ],
    },
  })
  await expect(registry.call('math.double', undefined, context)).rejects.toMatchObject({
    message: expect.stringContaining('value: expected number, got nothing.'),
  })
  await expect(registry.call('math.double', [1], context)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
})

test('an output outside the contract, and an unknown operation, are errors of their own', async () => {
  const registry = createRegistry({ specs, rooms: [room('a', ['math.double', 'math.halve'], [doDouble, doHalve])] })
  await expect(registry.call('math.halve', { value: 4 }, context)).rejects.toMatchObject({ code: 'OUTPUT_INVALID' })
  await expect(registry.call('math.dubble', {}, context)).rejects.toMatchObject({
    code: 'OPERATION_NOT_FOUND',
    hint: 'Did you mean math.double?',
  })
})
