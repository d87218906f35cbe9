// @vitest-environment node
import fc from 'fast-check'
import { beforeAll, expect, test, vi } from 'vitest'

type Axes = typeof import('./axis.ts')
type Cells = typeof import('./cells.ts')
type Columns = typeof import('./columns.ts')
type Boxes = typeof import('./boxes.ts')
type Joint = typeof import('./joint.ts')
let [axes, cells, columns, boxes, joint]: [Axes, Cells, Columns, Boxes, Joint] = [] as never
beforeAll(async () => {
  vi.stubGlobal('location', { search: '' })
  vi.stubGlobal('addEventListener', () => {})
  axes = await import('./axis.ts')
  cells = await import('./cells.ts')
  columns = await import('./columns.ts')
  boxes = await import('./boxes.ts')
  joint = await import('./joint.ts')
})

test('edges hold every value, in even steps that read well', () => {
  expect(axes.findEdges([0, 0.93], 10)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
  expect(axes.findEdges([3, 3], 10)).toEqual([3, 4])
  expect(axes.findEdges([Number.NaN], 10)).toEqual([])
  expect(axes.findEdges([1, 4], 24, true)).toEqual([1, 2, 3, 4])
  fc.assert(
    fc.property(fc.array(fc.float({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
      const edges = axes.findEdges(values, 24)
      expect(edges.length).toBeGreaterThanOrEqual(2)
      expect(edges.length).toBeLessThanOrEqual(27)
      const axis = axes.edgeAxis('x', edges, () => null)
      for (const value of values) {
        const part = axis.partOf(value)
        expect(part).toBeGreaterThanOrEqual(0)
        expect(edges[part]).toBeLessThanOrEqual(value)
        expect(edges[part + 1]).toBeGreaterThanOrEqual(value)
      }
    }),
  )
})

test('values are written at edges that read well', () => {
  const ticks = (low: number, high: number, step: number): number[] => {
    const edges = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) =>
      Number((low + i * step).toFixed(6)),
    )
    return axes.pickTicks(edges, 7).map((i) => edges[i]!)
  }
  expect(ticks(220, 410, 10)).toEqual([250, 300, 350, 400])
  expect(ticks(100, 650, 25)).toEqual([100, 200, 300, 400, 500, 600])
  expect(ticks(0.03, 0.25, 0.01)).toEqual([0.05, 0.1, 0.15, 0.2, 0.25])
  expect(ticks(0, 1, 0.05)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
  expect(ticks(3, 4, 1)).toEqual([3, 4])
  expect(ticks(-40, 60, 20)).toEqual([-40, -20, 0, 20, 40, 60])
})

test('a part of a field asks for its samples', () => {
  const width = axes.edgeAxis('width', [0, 100, 200], axes.fieldRange('width'))
  expect(width.conditionOf(0)).toBe('width >= 0 and width < 100')
  expect(width.conditionOf(1)).toBe('width >= 100 and width <= 200')
  expect([width.partOf(100), width.partOf(200), width.partOf(201), width.partOf(Number.NaN)]).toEqual([1, 1, -1, -1])
  const split = axes.nameAxis('split', ['va"l'], axes.fieldValue('split', true))
  expect([split.conditionOf(0), split.conditionOf(1)]).toEqual(['split = "va\\"l"', 'split is missing'])
  expect(axes.fieldValue('grayscale', false)('true')).toBe('grayscale = true')
})

test('pairs are counted, drawn as cells that ask for both, and listed', () => {
  const x = axes.edgeAxis('a', [0, 1, 2], axes.fieldRange('a'))
  const y = { ...axes.nameAxis('b', ['u', 'v'], axes.fieldValue('b', true)) }
  const counts = axes.countPairs(x, y, [0.5, 0.6, 1.5, 5], [0, 0, -1, 1])
  expect([...counts]).toEqual([2, 0, 0, 0, 0, 1])
  const scene = cells.drawCells({ title: 't', x, y, counts, isDown: true })
  expect(scene.table).toEqual([
    ['a', 'b', 'count'],
    ['0 – 1', 'u', 2],
    ['1 – 2', '(none)', 1],
  ])
  expect(scene.marks.flatMap(({ pick }) => pick ?? [])).toEqual([
    { condition: 'a >= 0 and a < 1 and b = "u"' },
    { condition: 'a >= 1 and a <= 2 and b is missing' },
  ])
})

test('classes that stand together are counted once a sample', () => {
  const { together, bySplit } = joint.countRows(
    [
      { classes: ['a', 'b'], split: 'train' },
      { classes: ['b'], split: null },
      { classes: ['rare'], split: 'train' },
    ],
    ['a', 'b'],
    ['train', null],
  )
  expect([...together]).toEqual([1, 1, 1, 2])
  expect([...bySplit]).toEqual([1, 0, 1, 1])
})

test('a column is cut down to the samples of a query', () => {
  const column = { ids: Int32Array.of(1, 2, 5, 9), values: Float32Array.of(10, 20, 50, 90) }
  expect([...columns.restrict(column, Int32Array.of(9, 1, 7))]).toEqual([10, Number.NaN, 90])
})

test('samples are spread over all, each at most once', () => {
  fc.assert(
    fc.property(
      fc.nat(500),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 60 }),
      (count, most, perPart) => {
        const parts = boxes.spreadIds(
          Int32Array.from({ length: count }, (_, i) => i + 3),
          most,
          perPart,
        )
        const all = parts.flatMap((part) => [...part])
        expect(all.length).toBe(Math.min(count, most))
        expect(new Set(all).size).toBe(all.length)
        expect(parts.every(({ length }) => length > 0 && length <= perPart)).toBe(true)
      },
    ),
  )
})
