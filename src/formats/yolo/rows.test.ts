import { describe, expect, it } from 'vitest'
import { readRow } from './rows.ts'

const classes = new Map([
  [0, { name: 'car' }],
  [1, { name: 'person', keypoints: ['head'] }],
])
const read = (line: string, keypoints: { count: number; dimensions: 2 | 3 } | null = null) =>
  readRow(line, { classes, keypoints }, 'labels/a.txt:3')
const common = { class: 'car', unit: 'fraction', where: 'labels/a.txt:3' }

describe('rows that are sound', () => {
  it('reads boxes with and without score', () => {
    const box = { x: 0.375, y: 0.25, w: 0.25, h: 0.5 }
    expect(read(' 0 0.5 .5 0.25 5e-1 ')).toEqual({ ...common, kind: 'box', box })
    expect(read('0\t0.5 0.5 0.25 0.5 0.9\r')).toEqual({ ...common, kind: 'box', box, score: 0.9 })
    expect(read('0.0 0.5 0.5 0.25 0.5')).toMatchObject({ class: 'car' })
  })

  it('reads outlines and turned boxes', () => {
    const corners = [0.1, 0.1, 0.9, 0.1, 0.9, 0.9, 0.1, 0.9]
    expect(read(`0 ${corners.join(' ')}`)).toEqual({
      ...common,
      kind: 'polygon',
      geometry: { type: 'polygon', parts: [[corners]] },
    })
  })

  it('reads keypoints with visibility, and without', () => {
    const box = { x: 0.25, y: 0.25, w: 0.5, h: 0.5 }
    const points = (...triples: number[][]): unknown => ({ type: 'keypoints', points: triples })
    expect(read('0 .5 .5 .5 .5 .1 .2 2 7 7 0', { count: 2, dimensions: 3 })).toEqual({
      ...common,
      kind: 'keypoints',
      box,
      geometry: points([0.1, 0.2, 2], [0, 0, 0]),
    })
    expect(read('0 .5 .5 .5 .5 .1 .2 0 0 .75', { count: 2, dimensions: 2 })).toMatchObject({
      score: 0.75,
      geometry: points([0.1, 0.2, 2], [0, 0, 0]),
    })
    expect(read('1 .5 .5 .5 .5 .1 .2 1 0 0 0', { count: 2, dimensions: 3 })).toMatchObject({
      geometry: points([0.1, 0.2, 1]),
    })
    expect(read('0 .5 .5 .5 .5 0 0 0 0 0 0', { count: 2, dimensions: 3 })).toEqual({ ...common, kind: 'box', box })
    expect(read('0 .5 .5 .5 .5', { count: 2, dimensions: 3 })).toMatchObject({ kind: 'box' })
  })

  it('lets rounding pass', () => {
    expect(read('0 0.5 0.5 1.0009 1')).toMatchObject({ kind: 'box' })
  })
})

it.each<[string, string, RegExp]>([
  ['0 0.5 x 0.1 0.1', 'label-row', /got "x"/],
  ['0 0.5 nan 0.1 0.1', 'label-row', /got "nan"/],
  ['0,0.5,0.5,0.1,0.1', 'label-row', /expected numbers/],
  ['0 0.5 0.5 0.1', 'label-row', /at least 5 numbers, got 4/],
  ['0 .1 .1 .2 .2 .3 .3 .4', 'label-row', /got 8 numbers/],
  ['2 0.5 0.5 0.1 0.1', 'label-class', /number 2 is not among the 2 names/],
  ['-1 0.5 0.5 0.1 0.1', 'label-class', /got -1/],
  ['0.5 0.5 0.5 0.1 0.1', 'label-class', /got 0.5/],
  ['0 120 80 40 20', 'label-outside', /got 120/],
  ['0 0.5 0.5 0.1 -0.1', 'label-outside', /got -0.1/],
  ['0 0.5 0.5 0 0.1', 'label-box', /> 0, got 0 and 0.1/],
])('reports %s', (line, code, what) => {
  expect(read(line)).toMatchObject({ code, what: expect.stringMatching(what) })
  expect(read(line)).toMatchObject({ what: expect.stringMatching(/^labels\/a\.txt:3: /) })
})

it('reports keypoints that do not fit the shape', () => {
  const shape = { count: 2, dimensions: 3 } as const
  expect(read('0 .5 .5 .5 .5 .1 .2 2', shape)).toMatchObject({
    code: 'label-row',
    what: expect.stringContaining('or 11 for kpt_shape [2, 3], got 8'),
  })
  expect(read('0 .5 .5 .5 .5 .1 .2 3 0 0 0', shape)).toMatchObject({
    what: expect.stringContaining('0, 1 or 2 for point 1, got 3'),
  })
})
