import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawLabels, isDrawn, textColourOn, type PlacedLabel } from './draw.ts'
import { maskPart, reduceSize, sampleMask, type MaskGeometry } from './masks.ts'

const label = (change: Partial<PlacedLabel>): PlacedLabel => ({
  id: 'l_1',
  kind: 'box',
  class: 'crack',
  box: { x: 0, y: 0, w: 1, h: 1 },
  geometry: null,
  area: 1,
  score: null,
  attributes: {},
  author: null,
  ...change,
})

const masks: fc.Arbitrary<MaskGeometry> = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }))
  .chain((size) => fc.array(fc.nat(30), { maxLength: 40 }).map((counts) => ({ type: 'mask', size, counts })))

/** Run by run, as the format is told. */
function decodePlainly({ size: [rows, columns], counts }: MaskGeometry): Uint8Array {
  const bits = counts.flatMap((run, i) => Array<number>(run).fill(i % 2))
  return Uint8Array.from(
    { length: rows * columns },
    (_, at) => bits[(at % columns) * rows + Math.floor(at / columns)] ?? 0,
  )
}

describe('sampleMask', () => {
  it('reads columns first, beginning with background', () => {
    const mask = { type: 'mask' as const, size: [2, 3] as [number, number], counts: [1, 2, 1, 2] }
    expect([...sampleMask(mask, { x: 0, y: 0, w: 3, h: 2 }, 3, 2)]).toEqual([0, 1, 1, 1, 0, 1])
  })

  it('is the whole mask at full size', () => {
    fc.assert(
      fc.property(masks, (mask) => {
        const [h, w] = mask.size
        expect(sampleMask(mask, { x: 0, y: 0, w, h }, w, h)).toEqual(decodePlainly(mask))
      }),
    )
  })

  it('takes a part at any size from the places it covers', () => {
    fc.assert(
      fc.property(
        masks,
        fc.tuple(fc.nat(19), fc.nat(19), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })),
        fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
        (mask, [x, y, w, h], [width, height]) => {
          const whole = decodePlainly(mask)
          const [rows, columns] = mask.size
          const got = sampleMask(mask, { x, y, w, h }, width, height)
          for (let j = 0; j < height; j++)
            for (let i = 0; i < width; i++) {
              const px = Math.floor(x + ((i + 0.5) * w) / width)
              const py = Math.floor(y + ((j + 0.5) * h) / height)
              expect(got[j * width + i]).toBe(px < columns && py < rows ? whole[py * columns + px] : 0)
            }
        },
      ),
    )
  })

  it('takes runs that end early as background', () => {
    const mask = { type: 'mask' as const, size: [2, 2] as [number, number], counts: [] }
    expect([...sampleMask(mask, { x: 0, y: 0, w: 2, h: 2 }, 2, 2)]).toEqual([0, 0, 0, 0])
  })
})

it('cuts the part to the mask', () => {
  const mask = { type: 'mask' as const, size: [10, 20] as [number, number], counts: [200] }
  expect(maskPart(mask, { x: -2.5, y: 3.2, w: 5, h: 30 })).toEqual({ x: 0, y: 3, w: 3, h: 7 })
  expect(maskPart(mask, null)).toEqual({ x: 0, y: 0, w: 20, h: 10 })
})

it('halves sizes no further than what is drawn', () => {
  expect([reduceSize(1000, 130), reduceSize(1000, 1000), reduceSize(1000, 4000), reduceSize(5, 0)]).toEqual([
    250, 1000, 1000, 1,
  ])
})

it('leaves out hidden layers and low scores', () => {
  const all = { layers: null, minScore: 0.5 }
  expect(isDrawn('truth', label({}), all)).toBe(true)
  expect(isDrawn('model', label({ score: 0.4 }), all)).toBe(false)
  expect(isDrawn('model', label({ score: 0.5 }), all)).toBe(true)
  expect(isDrawn('model', label({}), { ...all, layers: ['truth'] })).toBe(false)
})

it('writes dark on light and light on dark', () => {
  expect([textColourOn('#ffff00'), textColourOn('#0000aa'), textColourOn('red')]).toEqual([
    '#000000',
    '#ffffff',
    '#000000',
  ])
})

it.each([
  [140, 300, [label({})], []],
  [400, 120, [label({})], []],
  [300, 300, [label({})], ['crack']],
  [120, 120, [label({ box: null })], ['crack']],
  [120, 120, [label({ box: null }), label({ class: 'fray' })], []],
])('writes names on a canvas of %i × %i only where they cover nothing', (width, height, labels, names) => {
  const written: string[] = []
  const given: Record<string, unknown> = {
    canvas: { width, height },
    fillText: (text: string) => written.push(text),
    measureText: () => ({ width: 30 }),
  }
  const context = new Proxy(given, { get: (target, key: string) => target[key] ?? (() => {}), set: () => true })
  drawLabels(
    context as unknown as CanvasRenderingContext2D,
    [{ layer: 'truth', labels }],
    { scale: 1, x: 0, y: 0 },
    { layers: null, opacity: 1, minScore: 0, colourOf: () => '#ff0000', namesPx: 10 },
  )
  expect(written).toEqual(names)
})

it('writes names of what lies in the same place beside each other', () => {
  const at: [string, number, number][] = []
  const given: Record<string, unknown> = {
    canvas: { width: 800, height: 600 },
    fillText: (text: string, x: number, y: number) => at.push([text, x, y]),
    measureText: () => ({ width: 30 }),
  }
  const context = new Proxy(given, { get: (target, key: string) => target[key] ?? (() => {}), set: () => true })
  const labels = ['a', 'b', 'c'].map((name) => label({ class: name, box: { x: 50, y: 100, w: 9, h: 9 } }))
  drawLabels(
    context as unknown as CanvasRenderingContext2D,
    [{ layer: 'truth', labels: [...labels, label({ class: 'd', box: { x: 50, y: 130, w: 9, h: 9 } })] }],
    { scale: 1, x: 0, y: 0 },
    { layers: null, opacity: 1, minScore: 0, colourOf: () => '#ff0000', namesPx: 10 },
  )
  expect(at).toEqual([
    ['a', 53, 93],
    ['b', 90, 93],
    ['c', 127, 93],
    ['d', 53, 123],
  ])
})
