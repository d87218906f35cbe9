import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { groupItems } from './groups.ts'
import { makeObjectItem, type Items } from './items.ts'

vi.stubGlobal('location', { search: '' })
vi.stubGlobal('addEventListener', () => {})
const { readOrder, writeOrder } = await import('./order.ts')

const itemsOf = (...ids: number[]): Items => ({
  ids: Int32Array.from(ids),
  aspects: Float32Array.from(ids),
  groups: null,
  objects: null,
})
const titlesOf = (items: Items): string[] =>
  items.groups!.map(({ title, start, count }) => `${title}@${start}+${count}`)

describe('groupItems', () => {
  it('joins by id and keeps the order inside of groups', () => {
    const column = {
      ids: Int32Array.of(1, 2, 3, 4),
      values: Float32Array.of(1, 0, -1, 1),
      names: ['train', 'val'],
    }
    const grouped = groupItems(itemsOf(4, 3, 2, 1, 9), column, false)
    expect([...grouped.ids]).toEqual([2, 4, 1, 3, 9])
    expect([...grouped.aspects]).toEqual([2, 4, 1, 3, 9])
    expect(titlesOf(grouped)).toEqual(['train@0+1', 'val@1+2', 'No value@3+2'])
  })

  it('makes a group of each of a few numbers, ranges of many', () => {
    const few = { ids: Int32Array.of(1, 2, 3), values: Float32Array.of(640, NaN, 32), names: null }
    expect(titlesOf(groupItems(itemsOf(1, 2, 3), few, false))).toEqual(['32@0+1', '640@1+1', 'No value@2+1'])
    const ids = Int32Array.from({ length: 1000 }, (_, i) => i)
    const many = { ids, values: Float32Array.from(ids, (id) => id / 1000), names: null }
    const grouped = groupItems({ ...itemsOf(), ids, aspects: new Float32Array(1000) }, many, false)
    expect(grouped.groups).toHaveLength(20)
    expect(grouped.groups![1]).toMatchObject({ title: '0.05 – 0.1', count: 50 })
  })

  it('parts times by day, month or year', () => {
    const at = (text: string): number => Date.parse(text) / 1000
    const column = (...texts: string[]) => ({
      ids: Int32Array.from(texts.keys()),
      values: Float32Array.from(texts, at),
      names: null,
    })
    const titles = (...texts: string[]) =>
      groupItems(itemsOf(...texts.keys()), column(...texts), true).groups!.map(({ title }) => title)
    expect(titles('2024-05-02T12:00Z', '2024-05-01T12:00Z')).toEqual(['2024-05-01', '2024-05-02'])
    expect(titles('2024-05-02T12:00Z', '2025-05-01T12:00Z')).toEqual(['2024-05', '2025-05'])
    expect(titles('1990-05-02T12:00Z', '2025-05-01T12:00Z')).toEqual(['1990', '2025'])
  })

  it('keeps every item once, whatever the values', () => {
    fc.assert(
      fc.property(fc.array(fc.float()), (values) => {
        const ids = Int32Array.from(values.keys())
        const column = { ids, values: Float32Array.from(values), names: null }
        const grouped = groupItems({ ...itemsOf(), ids, aspects: new Float32Array(ids.length) }, column, false)
        expect([...grouped.ids].toSorted((a, b) => a - b)).toEqual([...ids])
        let next = 0
        for (const { start, count } of grouped.groups!) {
          expect(start).toBe(next)
          next += count
        }
        expect(next).toBe(ids.length)
      }),
    )
  })
})

describe('the order of a query', () => {
  it('is read whatever stands before and behind', () => {
    expect(readOrder('width > 3 ORDER BY `exif.iso` desc, path limit 5')).toEqual({
      by: 'exif.iso',
      isDescending: true,
    })
    expect(readOrder('order by count("a b") desc')).toEqual({ by: 'count("a b")', isDescending: true })
    expect(readOrder('note = "order by width"')).toBe(null)
    expect(readOrder('')).toBe(null)
  })

  it('is replaced, put before the limit, and taken away', () => {
    const by = { by: 'sharpness', isDescending: true }
    expect(writeOrder('', by)).toBe('order by sharpness desc')
    expect(writeOrder('cracked limit 10', by)).toBe('cracked order by sharpness desc limit 10')
    expect(writeOrder('note = "limit 3" order by path', { by: 'my field', isDescending: false })).toBe(
      'note = "limit 3" order by `my field`',
    )
    expect(writeOrder('a order by count("x") limit 3', { by: 'count("x")', isDescending: false })).toBe(
      'a order by count("x") limit 3',
    )
    expect(writeOrder('a order by b limit 3', null)).toBe('a limit 3')
  })

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.boolean(), (name, isDescending) => {
        fc.pre(!/^[a-z_][\w.]*\(.*\)$/is.test(name))
        const order = { by: name, isDescending }
        expect(readOrder(writeOrder('width > 3 limit 7', order))).toEqual(order)
      }),
    )
  })
})

it('cuts a tile around a label, inside of the picture', () => {
  const label = {
    id: 'l_1',
    kind: 'box' as const,
    class: 'a',
    geometry: null,
    area: 1,
    score: null,
    attributes: {},
    author: null,
  }
  const made = makeObjectItem('truth', { ...label, box: { x: 0, y: 50, w: 40, h: 20 } }, 100, 72)
  expect(made?.crop).toEqual({ x: 0, y: 44, w: 46, h: 28 })
  expect(makeObjectItem('truth', { ...label, box: null }, 100, 72)).toBe(null)
})
